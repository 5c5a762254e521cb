/** The ward of test/mappings/ward: rows of a patient as programs leave them, each test its own, and words for what it reads. */
import { Decimal128, Double, Int32 } from 'bson'
import type { Document } from 'bson'
import type { SourceServer } from '../support/source-server.ts'
import { startSourceServer } from '../support/source-server.ts'

export const SID = 'https://interop.example.org/sid/ward'
export const EXTENSION = 'https://interop.example.org/StructureDefinition'

export function startWard(timeZone = 'UTC'): Promise<SourceServer> {
  return startSourceServer({
    systems: ['ward', 'branch'],
    timeZone,
    routing: { default: { Patient: 'ward', Location: 'ward' }, south: { Patient: 'branch' } },
  })
}

let count = 0

export interface PatientRows {
  readonly id: string
  /** `Patient/w-…` */
  readonly reference: string
  readonly accounts: Document
  readonly patients: Document
  readonly carers: Document
}

/** A patient's rows with values of many kinds. */
export function patientRows(
  changed: { accounts?: Document; patients?: Document; carers?: Document } = {},
): PatientRows {
  const id = `p${++count}`
  const accounts = {
    id: `a${id}`,
    number: `W-0009${id}`,
    email: `${id}@example.org`,
    phone: '+1 415 555 0110',
    family: 'Ray',
    given: 'Ann',
    password: 'canary-hash',
    roles: ['patient'],
    status: 'pending_verification',
    born: '1980-02-03',
    sex: 'f',
    updated: '2025-01-01 10:00:00',
    shoe: new Double(38),
    ...changed.accounts,
  }
  const patients = {
    id,
    account: accounts.id,
    number: accounts.number,
    address: '{"street":"1 Mission St","city":"Oakland","zip":"09460"}',
    weight: Decimal128.fromString('37.25'),
    vip: new Int32(1),
    allergies: ['Penicillin', 'Nuts'],
    medicines: '[{"name":"Aspirin","dose":"1x1","count":1.50},{"name":"Zinc","count":2}]',
    rank: new Double(3),
    created: '2025-01-01 09:00:00',
    updated: '2025-01-01T10:00:00.000Z',
    ...changed.patients,
  }
  const carers = {
    id: `c${id}`,
    patient: id,
    name: 'Bo',
    phone: '1',
    updated: new Date('2025-01-01T10:00:00Z'),
    ...changed.carers,
  }
  return { id, reference: `Patient/w-${id}`, accounts, patients, carers }
}

/** Puts the rows there and waits for their resources. */
export async function loadPatient(ward: SourceServer, rows = patientRows()): Promise<PatientRows> {
  // the row that joins the others comes last: the patient is whole in its first version
  await ward.load({ 'ward.accounts': [rows.accounts], 'ward.carers': [rows.carers], 'ward.patients': [rows.patients] })
  return rows
}

/** All three rows as they are stored, each value with its BSON type. */
export async function rawPatient(
  ward: SourceServer,
  { id, accounts }: PatientRows,
): Promise<Record<string, Document | undefined>> {
  return {
    accounts: await ward.raw('ward.accounts', { id: accounts['id'] as string }),
    patients: await ward.raw('ward.patients', { id }),
    carers: await ward.raw('ward.carers', { patient: id }),
  }
}

/** How many documents there are of everything that a write may make. */
export async function countAll(ward: SourceServer): Promise<number[]> {
  const { resources, versions, outbox } = ward.store
  const tables = ['accounts', 'patients', 'carers', 'rooms', 'visits', 'readings'].map((name) =>
    ward.table(`ward.${name}`),
  )
  return Promise.all([resources, versions, outbox, ...tables].map((each) => each.countDocuments()))
}

export const patch = (path: string, value: unknown, op = 'replace') => [{ op, path, value }]
