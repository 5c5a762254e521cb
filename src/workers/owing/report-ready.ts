/** That the report of a second opinion was filed: the patient is told once, and reads it behind a sign-in. */
import type { DiagnosticReport, Patient } from '@medplum/fhirtypes'
import type { Owing } from '../../store/owed.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import { plainReader } from '../../store/plain-reads.ts'
import { afterQuiet } from './due-moments.ts'
import type { Happened } from './happened.ts'
import { newsOf } from './happened.ts'
import type { Clinic, KindParts, NewsKind } from './kind.ts'
import { NO_PATIENT, clinicOf, isOn } from './kind.ts'

const JOB = 'report-ready'
/** It says what it will go on to say. */
const FILED = new Set<unknown>(['final', 'amended', 'corrected', 'appended'])

export function reportReady(parts: KindParts): NewsKind {
  const read = plainReader(parts.store)
  return {
    name: JOB,
    job: JOB,
    type: 'DiagnosticReport',
    async news(tenant, changes, session) {
      const news = await newsOf(parts, JOB, { tenant, changes }, session)
      if (news.length === 0) return []
      const clinic = await clinicOf(parts, tenant)
      const filed = news.filter(({ before, after }) => isFiled(after) && !isFiled(before))
      return filed.map((each) => owingOf(each, clinic))
    },
    async outgoing(owed) {
      const found = await read(owed.about)
      if (!found || found.deleted || !isOn(parts.plan(), found, JOB) || !isFiled(found)) return NOT_WANTED
      const { id = '', subject, basedOn = [] } = reportIn(found)
      const person = await read(`${owed.t}/${subject?.reference ?? ''}`)
      if (!person || person.deleted) return NO_PATIENT
      return {
        recipient: JSON.parse(person.body) as Patient,
        template: JOB,
        facts: {},
        about: [`DiagnosticReport/${id}`, ...basedOn.flatMap(({ reference }) => reference ?? [])],
        changes: () => [],
      }
    },
  }
}

function reportIn({ body }: { readonly body: string }): DiagnosticReport {
  return JSON.parse(body) as DiagnosticReport
}

function isFiled(version: { readonly body: string } | undefined): boolean {
  return version !== undefined && version.body !== '' && FILED.has(reportIn(version).status)
}

function owingOf({ resource: { _id, t, origin } }: Happened, { reminders, timeZone }: Clinic): Owing {
  const due = new Date(afterQuiet(Date.now(), reminders.quietHours, timeZone))
  return { t, kind: JOB, about: _id, which: 'filed', due, ...(origin && { instance: origin.instance }) }
}
