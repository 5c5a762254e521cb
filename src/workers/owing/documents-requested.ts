/** That a doctor of a second opinion wants to see more documents first: the patient is told, and sees which behind a sign-in. */
import type { Patient, Task } from '@medplum/fhirtypes'
import type { Owing } from '../../store/owed.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import { plainReader } from '../../store/plain-reads.ts'
import { afterQuiet } from './due-moments.ts'
import type { Happened } from './happened.ts'
import { newsOf } from './happened.ts'
import type { Clinic, KindParts, NewsKind } from './kind.ts'
import { NO_PATIENT, clinicOf, isOn } from './kind.ts'

const JOB = 'documents-requested'
const INPUT = 'requested-document'
/** Nobody waits for them any more. */
const OVER = new Set<unknown>(['completed', 'cancelled', 'rejected', 'failed', 'entered-in-error'])

export function documentsRequested(parts: KindParts): NewsKind {
  const read = plainReader(parts.store)
  return {
    name: JOB,
    job: JOB,
    type: 'Task',
    async news(tenant, changes, session) {
      const news = await newsOf(parts, JOB, { tenant, changes }, session)
      if (news.length === 0) return []
      const clinic = await clinicOf(parts, tenant)
      return news.filter(asksForMore).map((each) => owingOf(each, clinic))
    },
    async outgoing(owed) {
      const found = await read(owed.about)
      if (!found || found.deleted || !isOn(parts.plan(), found, JOB) || requestedIn(found).length === 0)
        return NOT_WANTED
      const { id = '', focus, for: whose } = JSON.parse(found.body) as Task
      const person = await read(`${owed.t}/${whose?.reference ?? ''}`)
      if (!person || person.deleted) return NO_PATIENT
      return {
        recipient: JSON.parse(person.body) as Patient,
        template: JOB,
        facts: {},
        about: [`Task/${id}`, ...(focus?.reference === undefined ? [] : [focus.reference])],
        changes: () => [],
      }
    },
  }
}

function asksForMore({ before, after }: Happened): boolean {
  const known = new Set(before ? requestedIn(before) : [])
  return requestedIn(after).some((each) => !known.has(each))
}

function requestedIn({ body }: { readonly body: string }): string[] {
  const { status, input = [] } = JSON.parse(body) as Task
  if (OVER.has(status)) return []
  return input.flatMap(({ type, valueString }) => (type.text === INPUT && valueString !== undefined ? valueString : []))
}

function owingOf({ resource: { _id, t, origin }, after }: Happened, { reminders, timeZone }: Clinic): Owing {
  const due = new Date(afterQuiet(Date.now(), reminders.quietHours, timeZone))
  return { t, kind: JOB, about: _id, which: String(after.v), due, ...(origin && { instance: origin.instance }) }
}
