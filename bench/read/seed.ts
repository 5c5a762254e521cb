/** Patients to be read: in the gateway's own collection with all their search keys, and as plain strings beside it. */
import { searchKeys } from '../../src/r4/search-keys.ts'
import type { Store } from '../../src/store/collections.ts'
import type { ResourceDocument } from '../../src/store/documents.ts'

/** The bare program's documents: an id and the text it sends. */
export interface BareDocument {
  readonly _id: string
  readonly body: string
}

export const BARE_COLLECTION = 'bare'

const BATCH = 1_000

export async function seed(store: Store, count: number): Promise<void> {
  const bare = store.db.collection<BareDocument>(BARE_COLLECTION)
  for (let first = 0; first < count; first += BATCH) {
    const documents = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => resourceDocument(first + i))
    await store.resources.insertMany(documents)
    await bare.insertMany(documents.map(({ _id, body }) => ({ _id: _id.slice(_id.lastIndexOf('/') + 1), body })))
  }
}

export function patientId(number: number): string {
  return `bench-${number}`
}

function resourceDocument(number: number): ResourceDocument {
  const resource = patient(number)
  const tt = 'default/Patient'
  const body = JSON.stringify(resource)
  const u = new Date(resource.meta.lastUpdated)
  return {
    _id: `${tt}/${resource.id}`,
    t: 'default',
    tt,
    v: 1,
    u,
    deleted: false,
    body,
    hash: '',
    ...searchKeys(resource),
  }
}

/** About 1.5 KB of JSON, as the mappings make it. */
function patient(number: number) {
  const base = 'https://interop.example.org'
  const key = String(number)
  return {
    resourceType: 'Patient',
    id: patientId(number),
    meta: {
      versionId: '1',
      lastUpdated: new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString(),
      source: `${base}/source/hms/patients/${key}`,
      profile: [`${base}/StructureDefinition/patient`],
      tag: [{ system: `${base}/CodeSystem/source`, code: 'hms' }],
    },
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">Fatima Zahra Al Noor, ${key}</div>` },
    identifier: [
      { use: 'secondary', system: `${base}/sid/hms/patients`, value: key },
      { use: 'official', system: `${base}/sid/hms/patient-number`, value: `PAT-${key.padStart(6, '0')}` },
    ],
    active: true,
    name: [{ use: 'official', text: 'Fatima Zahra Al Noor', family: 'Al Noor', given: ['Fatima', 'Zahra'] }],
    telecom: [
      { system: 'phone', value: `+97150${key.padStart(7, '0')}`, use: 'mobile' },
      { system: 'email', value: `patient.${key}@example.org` },
    ],
    gender: 'female',
    birthDate: '1980-02-03',
    address: [
      {
        use: 'home',
        type: 'both',
        line: ['12 Corniche Road', 'Tower 3'],
        city: 'Abu Dhabi',
        postalCode: '00000',
        country: 'AE',
      },
    ],
    maritalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M', display: 'Married' }],
    },
    contact: [{ name: { text: 'Omar Al Noor' }, telecom: [{ system: 'phone', value: '+971501234567' }] }],
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'ar' }] }, preferred: true }],
    generalPractitioner: [{ reference: 'Practitioner/hms-2', display: 'Dr Layla Haddad' }],
    managingOrganization: { reference: 'Organization/hms', display: 'Hospital' },
  }
}
