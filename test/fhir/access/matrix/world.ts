/**
 * One gateway with what the matrix asks it for: the demo content of all mappings, read by the projection as anywhere, and
 * resources of the gateway's own: two entwined patients, and such as were moved, deleted or relabelled. All that is there,
 * with every version, is read back from the database as text; what may be seen of it the oracle says.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EJSON } from 'bson'
import type { Document } from 'bson'
import { createLogger } from '../../../../src/kernel/logger.ts'
import { loadSystems } from '../../../../src/mapping/load.ts'
import { definitionSet } from '../../../../src/projection/definitions.ts'
import { planOf } from '../../../../src/projection/plan.ts'
import { ProjectionWorker } from '../../../../src/projection/worker.ts'
import { bulkPlace, testWorker } from '../../../support/bulk-server.ts'
import { lines } from '../../../support/fhir-server.ts'
import type { Resource, World } from '../../../support/search-oracle/ask.ts'
import { uniqueName } from '../../../support/services.ts'
import { startSmartServer } from '../../../support/smart-server.ts'
import type { SmartServer } from '../../../support/smart-server.ts'
import { natives } from './natives.ts'

const BASE = 'https://interop.example.org'

export interface Version {
  readonly name: string
  readonly version: number
  /** undefined: it was deleted by then */
  readonly resource: Resource | undefined
}

/** What there is of a tenant. */
export interface Held {
  readonly tenant: string
  readonly current: World
  /** those of one resource in their order; a resource whose last is none is deleted */
  readonly versions: ReadonlyMap<string, readonly Version[]>
}

export interface Gateway {
  readonly server: SmartServer
  /** what there is by now */
  held(): Promise<ReadonlyMap<string, Held>>
  stop(): Promise<void>
}

export async function startGateway(): Promise<Gateway> {
  const { systems } = loadSystems('mappings', { base: BASE })
  const sources = systems.map((system) => ({
    system,
    database: uniqueName(system.system),
    tenant: 'default',
    timeZone: 'UTC',
  }))
  const plan = planOf(sources, BASE)
  const bulk = bulkPlace()
  const server = await startSmartServer({ plan, bulk: bulk.of })
  const { store } = server
  const worker = new ProjectionWorker({
    store,
    plan,
    definitions: definitionSet([]),
    log: createLogger('warn', lines(server.log)),
  })
  const exporter = testWorker(store, { folder: bulk.folder })
  for (const { system, database } of sources) {
    for (const [collection, documents] of demoOf(system.system)) {
      await store.client.db(database).collection(collection).insertMany(documents)
    }
  }
  worker.start()
  for (const { sample, ...options } of natives) await server.put(sample, options)
  const stop = async (): Promise<void> => {
    await worker.stop()
    await exporter.stop()
    for (const { database } of sources) await store.client.db(database).dropDatabase()
    await server.stop()
    await bulk.close()
  }
  const isRead = async (): Promise<boolean> =>
    (await store.backfills.countDocuments({ phase: 'done' })) === plan.collections.size &&
    (await store.pending.countDocuments()) === 0
  while (!(await isRead())) await sleep(20)
  exporter.start()
  return { server, held: () => heldIn(server), stop }
}

function demoOf(system: string): [string, Document[]][] {
  const folder = join('mappings', system, 'demo')
  return readdirSync(folder).map((file) => [
    file.replace(/\.json$/, ''),
    EJSON.parse(readFileSync(join(folder, file), 'utf8'), { relaxed: true }) as Document[],
  ])
}

async function heldIn({ store }: SmartServer): Promise<ReadonlyMap<string, Held>> {
  const found = await store.versions.find().sort({ _id: 1 }).toArray()
  const byTenant = Map.groupBy(found, ({ t }) => t)
  return new Map([...byTenant].map(([tenant, versions]) => [tenant, heldOf(tenant, versions)]))
}

function heldOf(tenant: string, stored: readonly { readonly _id: string; readonly body: unknown }[]): Held {
  const all = stored.map(({ _id, body }): Version => {
    const [, type = '', id = '', version] = _id.split('/')
    const text = String(body)
    return {
      name: `${type}/${id}`,
      version: Number(version),
      resource: text === '' ? undefined : (JSON.parse(text) as Resource),
    }
  })
  const versions = Map.groupBy(all, ({ name }) => name)
  const current = [...versions.values()].flatMap((each) => each.at(-1)?.resource ?? [])
  return { tenant, versions, current: Map.groupBy(current, ({ resourceType }) => resourceType) }
}
