/** An appointment as the staff API shows it, whichever source it lives in. */
import type { Appointment, AppointmentParticipant } from '@medplum/fhirtypes'
import { MINUTE } from '../../clinic-time.ts'
import type { Named, NamesOf } from '../../plain.ts'
import { namedOf, systemOf, textOf } from '../../plain.ts'
import { versionOf } from '../../records.ts'

export type Status =
  | 'requested'
  | 'scheduled'
  | 'confirmed'
  | 'arrived'
  | 'completed'
  | 'cancelled'
  | 'no-show'
  | 'waiting'
  | 'entered-in-error'

export interface AppointmentView {
  readonly id: string
  readonly version: number
  /** undefined where the gateway keeps it itself */
  readonly system?: string | undefined
  readonly status: Status
  readonly patient?: Named | undefined
  readonly practitioner?: Named | undefined
  readonly location?: Named | undefined
  readonly start?: string
  readonly end?: string
  readonly minutes?: number
  readonly reason?: string
  readonly notes?: string
  readonly type?: string
  readonly cancellation?: { readonly reason?: string; readonly by?: string }
}

type Text = 'reason' | 'notes' | 'type'

/** Answers that are still awaited. */
const AWAITED = ['needs-action', 'tentative']

const STATUSES: Readonly<Record<string, Status>> = {
  proposed: 'requested',
  pending: 'requested',
  arrived: 'arrived',
  'checked-in': 'arrived',
  fulfilled: 'completed',
  cancelled: 'cancelled',
  noshow: 'no-show',
  waitlist: 'waiting',
}

/** Booked is confirmed as soon as nobody's answer is awaited. */
export function statusOf({ status, participant }: Appointment): Status {
  if (status !== 'booked') return STATUSES[status ?? ''] ?? 'entered-in-error'
  return participant?.some((each) => AWAITED.includes(each.status ?? '')) ? 'scheduled' : 'confirmed'
}

export function appointmentView(appointment: Appointment, names: NamesOf): AppointmentView {
  const { id = '', start, end } = appointment
  const minutes = minutesOf(appointment)
  const cancellation = cancellationOf(appointment)
  return {
    ...{ id, version: versionOf(appointment), system: systemOf(appointment), status: statusOf(appointment) },
    patient: personIn(appointment, 'Patient', names),
    practitioner: personIn(appointment, 'Practitioner', names),
    location: personIn(appointment, 'Location', names),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(minutes !== undefined && { minutes }),
    ...textsOf(appointment),
    ...(cancellation && { cancellation }),
  }
}

function textsOf({ description, comment, appointmentType }: Appointment): Pick<AppointmentView, Text> {
  const type = textOf(appointmentType)
  return {
    ...(description !== undefined && { reason: description }),
    ...(comment !== undefined && { notes: comment }),
    ...(type !== undefined && { type }),
  }
}

export function participantOf({ participant }: Appointment, type: string): AppointmentParticipant | undefined {
  return participant?.find(({ actor }) => actor?.reference?.startsWith(`${type}/`))
}

/** `hms-1` of `Practitioner/hms-1` */
export function actorId(appointment: Appointment, type: string): string | undefined {
  return participantOf(appointment, type)?.actor?.reference?.slice(type.length + 1)
}

function personIn(appointment: Appointment, type: string, names: NamesOf): Named | undefined {
  return namedOf(participantOf(appointment, type)?.actor, names)
}

/** Start and end decide. */
export function minutesOf({ start, end, minutesDuration }: Appointment): number | undefined {
  if (start === undefined || end === undefined) return minutesDuration
  return Math.round((Date.parse(end) - Date.parse(start)) / MINUTE)
}

/** HL7's codes of who did not want it (R4 valueset-appointment-cancellation-reason). */
export const CANCELLATION = 'http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason'
export const CANCELLED_BY: Readonly<Record<string, { readonly code: string; readonly display: string }>> = {
  patient: { code: 'pat', display: 'Patient' },
  practitioner: { code: 'prov', display: 'Provider' },
  clinic: { code: 'other', display: 'Other' },
}

function cancellationOf(appointment: Appointment): AppointmentView['cancellation'] {
  const { status, cancelationReason: reason } = appointment
  if (status !== 'cancelled') return undefined
  const code = reason?.coding?.find(({ system }) => system === CANCELLATION)?.code
  const hasDeclined = participantOf(appointment, 'Patient')?.status === 'declined'
  const by = Object.keys(CANCELLED_BY).find((who) => CANCELLED_BY[who]?.code === code) ?? (hasDeclined && 'patient')
  return { ...(reason?.text !== undefined && { reason: reason.text }), ...(by && { by }) }
}
