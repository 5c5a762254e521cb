/**
 * The FHIR API over the source systems of test/mappings, or over some of mappings/: rows in databases of the test's own,
 * and the projection at work, as in a gateway.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { EJSON, ObjectId } from 'bson'
import type { Document } from 'bson'
import type { Collection, Filter } from 'mongodb'
import type { Storage } from '../../src/files/storages/storage.ts'
import { createLogger } from '../../src/kernel/logger.ts'
import { loadSystems } from '../../src/mapping/load.ts'
import type { Routing } from '../../src/mapping/routing.ts'
import type { SourceSystem } from '../../src/mapping/lens.ts'
import { definitionSet } from '../../src/projection/definitions.ts'
import { planOf } from '../../src/projection/plan.ts'
import { ProjectionWorker } from '../../src/projection/worker.ts'
import type { FhirServer, FhirServerOptions } from './fhir-server.ts'
import { lines, startFhirServer } from './fhir-server.ts'
import { uniqueName } from './services.ts'

const BASE = 'https://interop.example.org'

export interface SourceServer extends FhirServer {
  /** `ward.patients` */
  table(name: string): Collection
  /** The row as the database holds it, each value with its BSON type (EJSON); undefined when it is not there. */
  raw(name: string, filter?: Filter<Document>): Promise<Document | undefined>
  /** Waits until everything written so far is projected. */
  settle(): Promise<void>
  /** Puts rows there and waits until they are projected. */
  load(rows: Readonly<Record<string, readonly Document[]>>): Promise<void>
  /** What is there of a resource: parsed. */
  read(reference: string, base?: string): Promise<Resource>
  database(system: string): string
}

export interface Resource {
  readonly resourceType: string
  readonly id: string
  readonly meta: { readonly versionId: string; readonly lastUpdated: string; readonly source?: string }
  readonly [element: string]: unknown
}

export interface SourceServerOptions {
  readonly mappings?: string
  /** the first must be a system whose rows belong to no tenant */
  readonly systems: readonly string[]
  readonly timeZone?: string
  /** what the gateway does by itself on the rows of each */
  readonly jobs?: readonly string[]
  readonly routing?: Routing
  /** of a system's files */
  readonly storages?: Readonly<Record<string, readonly Storage[]>>
  /** who calls, and what is served beside FHIR */
  readonly edges?: Pick<FhirServerOptions, 'callerOf' | 'audit' | 'beside' | 'limits' | 'admission'>
}

export async function startSourceServer(options: SourceServerOptions): Promise<SourceServer> {
  const { systems, timeZone = 'UTC', routing = {}, storages = {} } = options
  const loaded = loadedSystems(options)
  const databases = new Map(systems.map((system) => [system, uniqueName(system)]))
  const sources = loaded.map((system) => ({
    system,
    database: databases.get(system.system) as string,
    tenant: 'default',
    timeZone,
    ...(options.jobs && { jobs: options.jobs }),
  }))
  const plan = planOf(sources, BASE)
  const server = await startFhirServer({
    plan,
    routing,
    ...options.edges,
    storages: new Map(systems.map((system) => [databases.get(system) as string, storages[system] ?? []])),
  })
  const { store } = server
  const worker = new ProjectionWorker({
    store,
    plan,
    definitions: definitionSet([]),
    log: createLogger('warn', lines(server.log)),
  })
  worker.start()
  const table = (name: string): Collection => {
    const [system = '', ...rest] = name.split('.')
    return store.client.db(databases.get(system) as string).collection(rest.join('.'))
  }
  const settle = async (): Promise<void> => {
    const [first] = [...plan.collections.values()]
    if (!first) return
    const { database, collection, instance } = first
    const _id = new ObjectId()
    const mark = `${instance}/${collection}/${_id.toHexString()}`
    const rows = store.client.db(database).collection(collection)
    await rows.insertOne({ _id })
    await until(
      async () => (await store.rows.findOne({ _id: mark })) !== null,
      `projection of ${collection}`,
      server.log,
    )
    await rows.deleteOne({ _id })
    await until(
      async () => (await store.rows.findOne({ _id: mark })) === null,
      `projection of ${collection}`,
      server.log,
    )
    await until(
      async () => (await store.backfills.countDocuments({ phase: { $ne: 'done' } })) === 0,
      'backfill',
      server.log,
    )
    await until(async () => (await store.pending.countDocuments()) === 0, 'what is pending', server.log)
  }
  return {
    ...server,
    table,
    settle,
    database: (system) => databases.get(system) as string,
    async raw(name, filter = {}) {
      const row = await table(name).findOne(filter, { promoteValues: false })
      return row === null ? undefined : EJSON.serialize(row, { relaxed: false })
    },
    async load(rows) {
      for (const [name, list] of Object.entries(rows)) await table(name).insertMany(list.map((row) => ({ ...row })))
      await settle()
    },
    async read(reference, base = '/fhir/R4') {
      const { status, text } = await server.get(`${base}/${reference}`)
      if (status !== 200) throw new Error(`${reference}: ${status} ${text}`)
      return JSON.parse(text) as Resource
    },
    async stop() {
      await worker.stop()
      for (const name of databases.values()) await store.client.db(name).dropDatabase()
      await server.stop()
    },
  }
}

/** By folder. Reading them takes longer than many a test file, and what is read is data that nobody changes. */
const read = new Map<string, readonly SourceSystem[]>()

function loadedSystems({ mappings = 'test/mappings', systems }: SourceServerOptions): SourceSystem[] {
  const known = read.get(mappings) ?? readSystems(mappings)
  read.set(mappings, known)
  return known.filter(({ system }) => systems.includes(system))
}

function readSystems(folder: string): readonly SourceSystem[] {
  const { systems, errors } = loadSystems(folder, { base: BASE })
  if (errors.length > 0)
    throw new Error(errors.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'))
  return systems
}

async function until(holds: () => Promise<boolean>, what: string, log: readonly string[]): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries === 1000)
      throw new Error(`${what} did not end: ${log.filter((line) => !line.includes('"request"')).join('\n')}`)
    await sleep(10)
  }
}

/** The columns that differ between two rows of `raw`, the changed values with their types. */
export function changedColumns(before: Document | undefined, after: Document | undefined): Document {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  const differ = [...names].filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
  return Object.fromEntries(differ.map((name) => [name, (after?.[name] as unknown) ?? null]))
}
