/** What a message about an appointment says, and to whom: its patient, as both are now. */
import type { Appointment, Location, Patient } from '@medplum/fhirtypes'
import type { PlainResource } from '../../store/plain-reads.ts'
import { plainReader } from '../../store/plain-reads.ts'
import type { KindParts, Outgoing } from './kind.ts'
import { NO_PATIENT } from './kind.ts'
import type { JobRow } from './row-columns.ts'
import { jobRowReader, textIn } from './row-columns.ts'

type Job = 'appointment-reminders' | 'appointment-changes'

export type AppointmentLetter = Pick<Outgoing, 'recipient' | 'facts' | 'confidential' | 'about'>

export interface Told<Name extends Job> {
  readonly letter: AppointmentLetter
  /** of its source */
  readonly row: JobRow<Name> | undefined
}

/** A text says why nobody is written to. */
export function appointmentLetters<Name extends Job>(
  parts: KindParts,
  job: Name,
): (found: PlainResource) => Promise<Told<Name> | string> {
  const rowOf = jobRowReader(parts, job)
  const letterOf = appointmentLetter(parts)
  return async (found) => {
    const [row, letter] = await Promise.all([found.origin && rowOf(found), letterOf(found)])
    if (typeof letter === 'string') return letter
    const link = row?.job.link === undefined ? '' : textIn(row.row, row.job.link)
    return { row, letter: { ...letter, ...(link !== '' && { confidential: { link } }) } }
  }
}

/** Without what only its row says. */
export function appointmentLetter({ store }: KindParts): (found: PlainResource) => Promise<AppointmentLetter | string> {
  const read = plainReader(store)
  return async (found) => {
    const appointment = appointmentIn(found)
    const [patient, place] = await Promise.all(
      ['Patient', 'Location'].map(async (type) => {
        const reference = actorIn(appointment, type)?.reference
        return reference === undefined ? undefined : read(`${found.t}/${reference}`)
      }),
    )
    if (!patient || patient.deleted) return NO_PATIENT
    const practitioner = actorIn(appointment, 'Practitioner')?.display
    const where = place && !place.deleted ? (JSON.parse(place.body) as Location).name : undefined
    return {
      recipient: JSON.parse(patient.body) as Patient,
      facts: {
        start: appointment.start,
        ...(practitioner !== undefined && { practitioner }),
        ...(where !== undefined && { place: where }),
      },
      about: [`Appointment/${appointment.id ?? ''}`],
    }
  }
}

interface Body {
  readonly body: string
}

const parsed = new WeakMap<Body, Appointment>()

/** Parsed once, however many look into it. */
export function appointmentIn(resource: Body): Appointment {
  const known = parsed.get(resource) ?? (JSON.parse(resource.body) as Appointment)
  parsed.set(resource, known)
  return known
}

/** The first of the type. */
export function actorIn({ participant }: Appointment, type: string) {
  return participant.map(({ actor }) => actor).find((actor) => actor?.reference?.startsWith(`${type}/`))
}

/** Both are held; what was only asked for (proposed) may never be. */
const HELD = new Set<unknown>(['booked', 'pending'])

/** When it begins, while it is to take place; undefined of any other. */
export function heldStart(resource: Body): number | undefined {
  const { status, start } = appointmentIn(resource)
  const at = start === undefined ? NaN : Date.parse(start)
  return HELD.has(status) && !Number.isNaN(at) ? at : undefined
}
