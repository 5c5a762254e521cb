/**
 * A clinic of any size whose searches have answers of the same size: of every 40 patients one has a long history (100
 * Observations of two kinds), ten have 10 Observations of five kinds.
 */
import type { Store } from '../../src/store/collections.ts'
import { prepareSchema } from '../../src/store/schema.ts'
import { patient, PATIENT_NUMBERS, patientId, patientNumber } from './patients.ts'
import { storedForm } from './stored-form.ts'
import type { BenchResource } from './stored-form.ts'

const BLOCK = 40
const LONG = 100
const SHORT = 10
const OF_BLOCK = LONG + 10 * SHORT
export const OBSERVATIONS_PER_PATIENT = OF_BLOCK / BLOCK

const CODES = [
  { code: '8867-4', display: 'Heart rate', unit: '/min' },
  { code: '9279-1', display: 'Respiratory rate', unit: '/min' },
  { code: '8310-5', display: 'Body temperature', unit: 'Cel' },
  { code: '29463-7', display: 'Body weight', unit: 'kg' },
  { code: '2708-6', display: 'Oxygen saturation in Arterial blood', unit: '%' },
] as const

const BATCH = 1_000
const BASE = 'https://interop.example.org'

/** Without indexes first: making them at the end takes a fraction of the time. */
async function loadClinic({ resources }: Store, patients: number): Promise<void> {
  await insertAll(resources, patients, patient)
  await insertAll(resources, patients * OBSERVATIONS_PER_PATIENT, observation)
}

export async function openClinic(store: Store, patients: number): Promise<void> {
  await loadClinic(store, patients)
  await prepareSchema(store)
}

export async function insertAll(
  resources: Store['resources'],
  count: number,
  make: (number: number) => BenchResource,
): Promise<void> {
  let inserted: Promise<unknown> = Promise.resolve()
  for (let first = 0; first < count; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => first + i)
    const documents = numbers.map((number) => storedForm(make(number)))
    await inserted
    inserted = resources.insertMany(documents, { ordered: false, writeConcern: { w: 1, journal: false } })
  }
  await inserted
}

/** Which patient an Observation is of, and the how manieth. */
function placeOf(number: number): { readonly patient: number; readonly nth: number; readonly kinds: number } {
  const first = Math.floor(number / OF_BLOCK) * BLOCK
  const within = number % OF_BLOCK
  if (within < LONG) return { patient: first, nth: within, kinds: 2 }
  const short = within - LONG
  return { patient: first + 1 + Math.floor(short / SHORT), nth: short % SHORT, kinds: CODES.length }
}

/** About 1.2 KB of JSON. */
export function observation(number: number) {
  const place = placeOf(number)
  const { code, display, unit } = CODES[place.nth % place.kinds] ?? CODES[0]
  const at = new Date(Date.UTC(2025, 0, 1) + place.nth * 86_400_000 + (number % 1440) * 60_000).toISOString()
  const key = String(number)
  return {
    resourceType: 'Observation',
    id: `bench-${number}`,
    meta: {
      versionId: '1',
      lastUpdated: new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString(),
      source: `${BASE}/source/hms/measurements/${key}`,
      profile: [`${BASE}/StructureDefinition/observation-vital-signs`],
      tag: [{ system: `${BASE}/CodeSystem/source`, code: 'hms' }],
    },
    identifier: [{ use: 'secondary', system: `${BASE}/sid/hms/measurements`, value: key }],
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
            display: 'Vital Signs',
          },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code, display }], text: display },
    subject: { reference: `Patient/${patientId(place.patient)}`, display: 'Fatima Zahra Al Noor' },
    effectiveDateTime: at,
    issued: at,
    performer: [{ reference: 'Practitioner/hms-2', display: 'Dr Layla Haddad' }],
    valueQuantity: { value: 60 + (number % 40), unit, system: 'http://unitsofmeasure.org', code: unit },
  }
}

/** Patients with a long history, with a short one. */
export function longPatient(number: number): number {
  return number * BLOCK
}

export function shortPatient(number: number): number {
  return Math.floor(number / 10) * BLOCK + 1 + (number % 10)
}

export interface Asking {
  readonly name: string
  /** so many matches and included resources */
  readonly entries: number
  readonly paths: readonly string[]
}

const PATHS = 2_000

/** The common searches, each about different patients. */
export function askings(patients: number): readonly Asking[] {
  const some = (count: number, path: (number: number) => string): string[] =>
    Array.from({ length: Math.min(PATHS, count) }, (_, i) => path(Math.floor((i * count) / Math.min(PATHS, count))))
  const code = encodeURIComponent(`http://loinc.org|${CODES[0].code}`)
  const identifier = (number: number): string => encodeURIComponent(`${PATIENT_NUMBERS}|${patientNumber(number)}`)
  const longs = patients / BLOCK
  const shorts = longs * 10
  return [
    { name: 'read', entries: 0, paths: some(patients, (n) => `Patient/${patientId(n)}`) },
    { name: 'identifier', entries: 1, paths: some(patients, (n) => `Patient?identifier=${identifier(n)}`) },
    {
      name: 'patient+code',
      entries: 2,
      paths: some(shorts, (n) => `Observation?patient=${patientId(shortPatient(n))}&code=${code}`),
    },
    {
      name: '_revinclude',
      entries: 1 + SHORT,
      paths: some(shorts, (n) => `Patient?_id=${patientId(shortPatient(n))}&_revinclude=Observation:patient`),
    },
    {
      name: 'sorted',
      entries: 20,
      paths: some(longs, (n) => `Observation?patient=${patientId(longPatient(n))}&code=${code}&_sort=-date&_count=20`),
    },
  ]
}
