/**
 * Reminders of appointments: planned when an appointment is made or changed, by the settings of its clinic, and looked at
 * again when they are due. What was moved, cancelled or is over by then reminds nobody.
 */
import type { Appointment, Patient } from '@medplum/fhirtypes'
import { knownClinicSettings } from '../../store/clinic-settings.ts'
import type { OwedDocument, Owing } from '../../store/owed.ts'
import { NOT_WANTED, laterOwed } from '../../store/owed.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import { plainReader } from '../../store/plain-reads.ts'
import { dueMoments } from './due-moments.ts'
import type { Clinic, Kind, KindParts, Outgoing } from './kind.ts'
import { LATE, NO_PATIENT, clinicOf, isOn } from './kind.ts'
import { jobRowReader, momentIn, rowChange } from './row-columns.ts'

const JOB = 'appointment-reminders'
/** Both are held; what was only asked for (proposed) may never be. */
const HELD = new Set<unknown>(['booked', 'pending'])
const MINUTE = 60_000

export function appointmentReminders(parts: KindParts): Kind {
  const [read, isFollowed] = [plainReader(parts.store), laterOwed(parts.store)]
  const reminder = reminders(parts, read)
  return {
    name: JOB,
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
      if (!isStillSo(owed, start, clinic)) return NOT_WANTED
      if (await isFollowed(owed)) return 'a later one says the same'
      return reminder(found, clinic)
    },
  }
}

function appointmentIn({ body }: PlainResource): Appointment {
  return JSON.parse(body) as Appointment
}

/** Undefined: nobody is reminded of it. */
function startOf(resource: PlainResource): number | undefined {
  if (resource.deleted) return undefined
  const { status, start } = appointmentIn(resource)
  const at = start === undefined ? NaN : Date.parse(start)
  return HELD.has(status) && !Number.isNaN(at) ? at : undefined
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

/** As the clinic wants it now, of the start it has now. */
function isStillSo({ which }: OwedDocument, start: number, { reminders }: Clinic): boolean {
  return reminders.enabled && reminders.minutesBefore.some((minutes) => which === whichOf(minutes, start))
}

function reminders(
  parts: KindParts,
  read: ReturnType<typeof plainReader>,
): (found: PlainResource, clinic: Clinic) => Promise<Outgoing | string> {
  const rowOf = jobRowReader(parts, JOB)
  return async (found, clinic) => {
    const appointment = appointmentIn(found)
    const actors = appointment.participant.map(({ actor }) => actor)
    const patient = actors.find((actor) => actor?.reference?.startsWith('Patient/'))?.reference
    const person = patient === undefined ? undefined : read(`${found.t}/${patient}`)
    const [row, recipient] = await Promise.all([found.origin && rowOf(found), person])
    if (!recipient || recipient.deleted) return NO_PATIENT
    const practitioner = actors.find((actor) => actor?.reference?.startsWith('Practitioner/'))?.display
    return {
      recipient: JSON.parse(recipient.body) as Patient,
      template: JOB.slice(0, -1),
      facts: { start: appointment.start, zone: clinic.timeZone, ...(practitioner !== undefined && { practitioner }) },
      about: [`Appointment/${appointment.id ?? ''}`],
      changes(result, at) {
        const mark = row?.job.mark
        if (!row || mark === undefined || result !== 'sent') return []
        return [rowChange(row, (now) => ({ [mark]: momentIn(row.place, now[mark], at) }))]
      },
    }
  }
}
