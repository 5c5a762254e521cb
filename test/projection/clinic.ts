/**
 * Two small source systems for the tests of the projection, in databases of the test's own: `clinic` (people with an
 * account, visits, and a shared resource) and `chain` (rows of tenants). Real mappings, real MongoDB.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Collection, MongoClient } from 'mongodb'
import { createLogger } from '../../src/kernel/logger.ts'
import { loadSystems } from '../../src/mapping/load.ts'
import type { DefinitionSet } from '../../src/projection/definitions.ts'
import { definitionSet } from '../../src/projection/definitions.ts'
import type { Plan } from '../../src/projection/plan.ts'
import { planOf } from '../../src/projection/plan.ts'
import { ProjectionWorker } from '../../src/projection/worker.ts'
import type { Store } from '../../src/store/collections.ts'
import type { ResourceDocument } from '../../src/store/documents.ts'
import { closeStore, openTestStore } from '../support/databases.ts'
import { testSeals } from '../support/seals.ts'
import { uniqueName } from '../support/services.ts'

export const BASE = 'https://interop.example.org'

export const files: Readonly<Record<string, string>> = {
  'clinic/system.yaml': `
system: clinic
title: Clinic
id-prefix: c-
keys: { people: id, accounts: id, visits: id }
`,
  'clinic/columns.yaml': `
people: { id: key, account: ref accounts, name: text, born: date, pin: secret, gone: timestamp }
accounts: { id: key, phone: text }
visits: { id: key, person: ref people, payer: text, minutes: integer }
`,
  'clinic/codes.yaml': '{}\n',
  'clinic/patient.yaml': `
mapping: clinic/patient
resource: Patient
source:
  collection: people
  alias: p
  join: { a: { collection: accounts, on: p.account = a.id, part: true } }
  deleted: [p.gone]
key: p.id
rules:
  - { fhir: "name[0].text", field: p.name }
  - { fhir: birthDate, field: p.born, codec: date }
  - { fhir: "telecom[system=phone].value", field: a.phone }
not-mapped: { secret: [p.pin] }
`,
  'clinic/visit.yaml': `
mapping: clinic/visit
resource: Encounter
source: { collection: visits, alias: v }
key: v.id
rules:
  - { fhir: status, value: finished }
  - { fhir: class.code, value: AMB }
  - { fhir: subject, field: v.person, codec: reference, to: clinic/patient }
  - { fhir: length.value, field: v.minutes, codec: decimal }
`,
  'clinic/payer.yaml': `
mapping: clinic/payer
resource: Organization
source: { collection: visits, alias: v, where: { v.payer: present } }
key: v.payer
sid: payers
rules:
  - { fhir: name, field: v.payer }
`,
  'chain/system.yaml': `
system: chain
title: Chain of clinics
id-prefix: t-
tenant: { column: tenant_id, collection: tenants, key: id, slug: slug }
keys: { tenants: id, people: id, rooms: id }
`,
  'chain/columns.yaml': `
tenants: { id: key, slug: text, name: text }
people: { id: key, tenant_id: ref tenants, name: text, room: ref rooms }
rooms: { id: key, tenant_id: ref tenants, label: text }
`,
  'chain/codes.yaml': '{}\n',
  'chain/patient.yaml': `
mapping: chain/patient
resource: Patient
source:
  collection: people
  alias: p
  join: { r: { collection: rooms, on: p.room = r.id } }
key: p.id
rules:
  - { fhir: "name[0].text", field: p.name }
  - { fhir: "address[0].text", field: r.label }
not-mapped: { elsewhere: [p.tenant_id, r.tenant_id] }
`,
  'chain/organization.yaml': `
mapping: chain/organization
resource: Organization
source: { collection: tenants, alias: t }
key: t.id
rules:
  - { fhir: name, field: t.name }
not-mapped: { internal: [t.slug] }
`,
}

export function writeMappings(changed: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-mappings-'))
  for (const system of ['clinic', 'chain']) mkdirSync(join(folder, system))
  for (const [name, text] of Object.entries({ ...files, ...changed }))
    writeFileSync(join(folder, name), text.trimStart())
  return folder
}

export interface Databases {
  readonly clinic: string
  readonly chain: string
}

export function uniqueDatabases(): Databases {
  return { clinic: uniqueName('clinic'), chain: uniqueName('chain') }
}

export function testPlan(databases: Databases, changed: Readonly<Record<string, string>> = {}): Plan {
  const folder = writeMappings(changed)
  const { systems, errors } = loadSystems(folder, { base: BASE })
  rmSync(folder, { recursive: true })
  if (errors.length > 0)
    throw new Error(errors.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'))
  const sources = systems.map((system) => ({
    system,
    database: databases[system.system as 'clinic' | 'chain'],
    tenant: 'default',
    timeZone: 'UTC',
  }))
  return planOf(sources, BASE)
}

type Columns = Record<string, unknown>

export interface Clinic {
  readonly client: MongoClient
  readonly store: Store
  readonly databases: Databases & { readonly gateway: string }
  table(name: string): Collection<Columns>
  chain(name: string): Collection<Columns>
  /** Starts a worker; an earlier one is stopped. */
  work(plan?: Plan, definitions?: DefinitionSet): Promise<void>
  rest(): Promise<void>
  /** The current resource, once `holds`; fails after some seconds with what is there. */
  until(id: string, holds: (found: ResourceDocument | null) => boolean): Promise<ResourceDocument | null>
  /** Everything that was written before this call is projected. */
  settle(): Promise<void>
  close(): Promise<void>
}

export async function openClinic(databases = uniqueDatabases()): Promise<Clinic> {
  const store = await openTestStore(testSeals())
  const { client } = store
  let worker: ProjectionWorker | undefined
  const rest = async () => {
    await worker?.stop()
    worker = undefined
  }
  const until: Clinic['until'] = async (id, holds) => {
    for (let tries = 0; ; tries++) {
      const found = await store.resources.findOne({ _id: id })
      if (holds(found)) return found
      if (tries === 1_500) throw new Error(`${id} did not become as expected: ${JSON.stringify(found)}`)
      await sleep(20)
    }
  }
  const people = client.db(databases.clinic).collection<Columns>('people')
  let marks = 0
  return {
    client,
    store,
    databases: { ...databases, gateway: store.db.databaseName },
    table: (name) => client.db(databases.clinic).collection(name),
    chain: (name) => client.db(databases.chain).collection(name),
    async work(plan = testPlan(databases), definitions = definitionSet([])) {
      await rest()
      worker = new ProjectionWorker({ store, plan, log: createLogger('silent'), definitions })
      worker.start()
    },
    rest,
    until,
    async settle() {
      const id = `mark${marks++}`
      await people.insertOne({ id })
      await until(`default/Patient/c-${id}`, (found) => found !== null)
      while ((await store.backfills.countDocuments({ phase: { $ne: 'done' } })) > 0) await sleep(20)
      while ((await store.pending.countDocuments()) > 0) await sleep(20)
    },
    async close() {
      await rest()
      for (const name of Object.values(databases)) await client.db(name as string).dropDatabase()
      await closeStore(store)
    },
  }
}

export function bodyOf(found: ResourceDocument | null): Record<string, unknown> {
  return JSON.parse(found?.body ?? '{}') as Record<string, unknown>
}
