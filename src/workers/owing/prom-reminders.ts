/**
 * Reminders of questionnaires that a patient was asked to answer: so many days after they were sent, and again so many
 * days later, until they are answered or enough was said. The rows count, so the source sees what was done.
 */
import type { Patient, QuestionnaireResponse } from '@medplum/fhirtypes'
import { tokenKey } from '../../r4/keys/text.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import type { Owing } from '../../store/owed.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import { plainReader } from '../../store/plain-reads.ts'
import { afterQuiet } from './due-moments.ts'
import type { Clinic, KindParts, PlannedKind } from './kind.ts'
import { LATE, NO_PATIENT, clinicOf } from './kind.ts'
import type { JobRow } from './row-columns.ts'
import { countIn, jobRows, momentIn, momentOf, rowChange, textIn } from './row-columns.ts'

const JOB = 'prom-reminders'
const DAY = 24 * 3_600_000

export function promReminders(parts: KindParts): PlannedKind {
  const read = plainReader(parts.store)
  return {
    name: JOB,
    job: JOB,
    type: 'QuestionnaireResponse',
    filter: () => ({ deleted: false, k: tokenKey('status', undefined, 'in-progress') }),
    async owing(tenant, resources) {
      const waiting = (await waitingOf(parts, resources)).filter(({ count, row }) => count < row.job.most)
      const clinic = await clinicOf(parts, tenant)
      const seen = await firstSeen(
        parts.store,
        waiting.map(({ row }) => row.resource._id),
      )
      return waiting.map((each) => owingOf(each, seen.get(each.row.resource._id) ?? new Date(), clinic))
    },
    async outgoing(owed) {
      const found = await read(owed.about)
      const [waiting] = await waitingOf(parts, found ? [found] : [])
      if (!waiting || owed.which !== String(waiting.count)) return NOT_WANTED
      const { id = '', subject } = JSON.parse(waiting.row.resource.body) as QuestionnaireResponse
      const person = await read(`${owed.t}/${subject?.reference ?? ''}`)
      if (!person || person.deleted) return NO_PATIENT
      return {
        recipient: JSON.parse(person.body) as Patient,
        template: JOB.slice(0, -1),
        facts: {},
        about: [`QuestionnaireResponse/${id}`],
        changes: (result, at) => (result === 'sent' ? [counted(waiting, at)] : []),
      }
    },
  }
}

interface Waiting {
  readonly row: JobRow<typeof JOB>
  /** how many reminders there were */
  readonly count: number
  readonly due: number
}

/** Those that are not answered. */
async function waitingOf(parts: KindParts, resources: readonly PlainResource[]): Promise<Waiting[]> {
  const rows = await jobRows(parts, JOB, resources)
  return rows.flatMap((row) => {
    const { job } = row
    const isOpen = Object.entries(job.while).every(([column, words]) => words.includes(textIn(row.row, column)))
    const since = momentOf(row, [job.mark, ...job.since])
    if (!isOpen || since === undefined) return []
    return [{ row, count: Number(textIn(row.row, job.count)) || 0, due: since + job['every-days'] * DAY }]
  })
}

function owingOf({ row, count, due }: Waiting, seen: Date, { reminders, timeZone }: Clinic): Owing {
  const { _id, t, origin } = row.resource
  const own = { t, kind: JOB, about: _id, which: String(count), instance: origin?.instance ?? '' }
  if (seen.getTime() - due > LATE) return { ...own, due: new Date(due), late: true }
  return { ...own, due: new Date(afterQuiet(Math.max(due, seen.getTime()), reminders.quietHours, timeZone)) }
}

function counted({ row, count }: Waiting, at: Date): ReturnType<typeof rowChange> {
  const { place, job } = row
  return rowChange(row, (now) => ({
    [job.count]: countIn(now[job.count], count + 1),
    [job.mark]: momentIn(place, now[job.mark], at),
  }))
}
