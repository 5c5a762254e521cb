/**
 * What staff lists are about, at any size: appointments of fifty practitioners, twenty a day each, and second-opinion
 * cases of a tenth as many accounts, most of them settled long ago. As the mappings make them.
 */
import type { Asking } from './clinic.ts'
import { patientId } from './patients.ts'

const BASE = 'https://interop.example.org'
const PRACTITIONERS = 50
const A_DAY = 20
const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2026, 0, 1)

export function practitionerId(number: number): string {
  return `hms-d${number % PRACTITIONERS}`
}

/** The day of an appointment: `2026-01-01`. */
export function dayOf(number: number): string {
  return new Date(FIRST_DAY + Math.floor(number / (PRACTITIONERS * A_DAY)) * DAY_MS).toISOString().slice(0, 10)
}

/** The day of each practitioner, between two bounds. */
export function agendaOf(appointments: number): Asking {
  const day = (number: number): string => `date=ge${dayOf(number)}&date=lt${dayOf(number + PRACTITIONERS * A_DAY)}`
  const paths = Array.from(
    { length: appointments / A_DAY },
    (_, i) => Math.floor(i / PRACTITIONERS) * PRACTITIONERS * A_DAY + (i % PRACTITIONERS),
  )
  return {
    name: 'agenda',
    entries: A_DAY,
    paths: paths.map((number) => `Appointment?actor=Practitioner/${practitionerId(number)}&${day(number)}`),
  }
}

/** About 1.2 KB of JSON. */
export function appointment(number: number) {
  const slot = Math.floor(number / PRACTITIONERS) % A_DAY
  const start = Date.parse(`${dayOf(number)}T08:00:00Z`) + slot * 1_800_000
  const at = (time: number): string => new Date(time).toISOString()
  return {
    resourceType: 'Appointment',
    id: `bench-${number}`,
    meta: metaOf('hms', 'appointments', number),
    identifier: [{ use: 'secondary', system: `${BASE}/sid/hms/appointments`, value: String(number) }],
    status: number % 7 === 0 ? 'cancelled' : 'booked',
    description: 'Follow-up',
    start: at(start),
    end: at(start + 1_800_000),
    minutesDuration: 30,
    participant: [
      {
        actor: { reference: `Patient/${patientId(number % 20_000)}`, display: 'Fatima Zahra Al Noor' },
        status: 'accepted',
      },
      {
        actor: { reference: `Practitioner/${practitionerId(number)}`, display: 'Dr Layla Haddad' },
        status: 'accepted',
      },
    ],
  }
}

export const REVIEW_TYPES = `${BASE}/CodeSystem/sop-review-types`

/** One in fifty is under review, and half of these have nobody yet. */
export function secondOpinion(number: number) {
  const account = `Patient/sop-account-${number % 10_000}`
  return {
    resourceType: 'ServiceRequest',
    id: `sop-case-${number}`,
    meta: metaOf('sop', 'review_cases', number),
    identifier: [{ use: 'secondary', system: `${BASE}/sid/sop/review_cases`, value: `case-${number}` }],
    status: number % 50 === 0 ? 'active' : number % 50 === 1 ? 'draft' : 'revoked',
    intent: 'order',
    category: [
      {
        coding: [
          { system: `${BASE}/CodeSystem/sop-category`, code: 'second-opinion', display: 'Second opinion' },
          { system: 'http://terminology.hl7.org/CodeSystem/v2-0336', code: 'S', display: 'Second Opinion' },
        ],
        text: 'second opinion',
      },
    ],
    code: { coding: [{ system: REVIEW_TYPES, code: `type-${number % 4}` }], text: 'Basic Review' },
    subject: { reference: account },
    requester: { reference: account },
    ...(number % 3 > 0 && {
      performer: [{ reference: `Practitioner/sop-c${number % 20}`, display: 'Dr. Omar Haddad' }],
    }),
    authoredOn: new Date(FIRST_DAY + number * 300_000).toISOString(),
    note: [{ text: 'Knee pain after a fall' }],
  }
}

function metaOf(system: string, collection: string, number: number) {
  return {
    versionId: '1',
    lastUpdated: new Date(FIRST_DAY + number * 1000).toISOString(),
    source: `${BASE}/source/${system}/${collection}/${number}`,
    tag: [{ system: `${BASE}/CodeSystem/source`, code: system }],
  }
}
