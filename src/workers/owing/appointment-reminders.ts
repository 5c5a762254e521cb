/**
 * Reminders of appointments: planned when an appointment is made or changed, by the settings of its clinic, and looked at
 * again when they are due. What was moved, cancelled or is over by then reminds nobody.
 */
import type { RowChange } from '../../projection/operation.ts'
import { knownClinicSettings } from '../../store/clinic-settings.ts'
import type { OwedDocument, Owing } from '../../store/owed.ts'
import { NOT_WANTED, laterOwed } from '../../store/owed.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import { plainReader } from '../../store/plain-reads.ts'
import { appointmentLetters, heldStart } from './appointment-letter.ts'
import { dueMoments } from './due-moments.ts'
import type { Clinic, KindParts, PlannedKind } from './kind.ts'
import { LATE, clinicOf, isOn } from './kind.ts'
import type { JobRow } from './row-columns.ts'
import { momentIn, rowChange } from './row-columns.ts'

const JOB = 'appointment-reminders'
const MINUTE = 60_000

export function appointmentReminders(parts: KindParts): PlannedKind {
  const [read, isFollowed] = [plainReader(parts.store), laterOwed(parts.store)]
  const letterOf = appointmentLetters(parts, JOB)
  return {
    name: JOB,
    job: JOB,
    type: 'Appointment',
    filter: (now) => ({ deleted: false, d: { $elemMatch: { p: 'date', l: { $gt: now } } } }),
    async owing(tenant, resources) {
      const clinic = await clinicOf(parts, tenant)
      const plan = parts.plan()
      const held = resources.filter((each) => isOn(plan, each, JOB) && startOf(each) !== undefined)
      const now = Date.now()
      const planned = held.flatMap((each) => momentsOf(each, clinic, now))
      const past = held.filter((each) => (startOf(each) ?? now) <= now)
      return [...planned, ...(await lateOnes(parts, clinic, past))]
    },
    async outgoing(owed, now) {
      const found = await read(owed.about)
      const start = found && isOn(parts.plan(), found, JOB) ? startOf(found) : undefined
      if (!found || start === undefined) return NOT_WANTED
      if (start <= now.getTime()) return 'the appointment is over'
      const clinic = await clinicOf(parts, owed.t, knownClinicSettings)
      const wanted = wantedOf(owed, start, clinic)
      if (!wanted) return NOT_WANTED
      if (!wanted.isLast && (await isFollowed(owed))) return 'a later one says the same'
      const told = await letterOf(found)
      if (typeof told === 'string') return told
      return {
        ...told.letter,
        template: JOB.slice(0, -1),
        changes: (result, at) => (result === 'sent' ? marked(told.row, at) : []),
      }
    },
  }
}

/** Its row says so too, where its source has a column for it. */
function marked(row: JobRow<typeof JOB> | undefined, at: Date): RowChange[] {
  const mark = row?.job.mark
  if (!row || mark === undefined) return []
  return [rowChange(row, (before) => ({ [mark]: momentIn(row.place, before[mark], at) }))]
}

/** Undefined: nobody is reminded of it. */
function startOf(resource: PlainResource): number | undefined {
  return resource.deleted ? undefined : heldStart(resource)
}

function whichOf(minutes: number, start: number): string {
  return `${minutes} ${new Date(start).toISOString()}`
}

function momentsOf(resource: PlainResource, { reminders, timeZone }: Clinic, now: number): Owing[] {
  const start = startOf(resource) ?? now
  return dueMoments(start, reminders, timeZone, now).map(({ minutes, at }) => {
    return owingOf(resource, whichOf(minutes, start), new Date(at))
  })
}

function owingOf({ _id, t, origin }: PlainResource, which: string, due: Date): Owing {
  return { t, kind: JOB, about: _id, which, due, ...(origin && { instance: origin.instance }) }
}

/** All of whose reminders had been due long before anything was known of them: one is counted. */
async function lateOnes(
  { store }: KindParts,
  { reminders: { enabled, minutesBefore } }: Clinic,
  past: readonly PlainResource[],
): Promise<Owing[]> {
  if (!enabled || minutesBefore.length === 0 || past.length === 0) return []
  const ids = past.map(({ _id }) => _id)
  const seen = await firstSeen(store, ids)
  return past.flatMap((each) => {
    const due = (startOf(each) ?? 0) - Math.min(...minutesBefore) * MINUTE
    if ((seen.get(each._id)?.getTime() ?? 0) - due <= LATE) return []
    return [{ ...owingOf(each, 'late', new Date(due)), late: true }]
  })
}

/** As the clinic wants it now, of the start it has now; undefined: not at all. */
function wantedOf(
  { which }: OwedDocument,
  start: number,
  { reminders: { enabled, minutesBefore } }: Clinic,
): { readonly isLast: boolean } | undefined {
  const wanted = enabled ? minutesBefore.find((minutes) => which === whichOf(minutes, start)) : undefined
  return wanted === undefined ? undefined : { isLast: wanted <= Math.min(...minutesBefore) }
}
