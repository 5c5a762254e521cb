/**
 * A gateway's own data as earlier releases left it (test/store/kept), and this release started on it: migrated,
 * projected again where mappings changed, with nothing lost of what was there.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { BSON } from 'mongodb'
import type { Document, MongoClient } from 'mongodb'
import { createLogger } from '../../src/kernel/logger.ts'
import { loadSystems } from '../../src/mapping/load.ts'
import { definitionSet } from '../../src/projection/definitions.ts'
import { planOf } from '../../src/projection/plan.ts'
import { projectionState } from '../../src/projection/status.ts'
import { ProjectionWorker } from '../../src/projection/worker.ts'
import { openStore } from '../../src/store/collections.ts'
import type { Store } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { prepareSchema } from '../../src/store/schema.ts'
import { mongodbUri, uniqueName } from '../support/services.ts'

const BASE = 'https://interop.example.org'
/** as releases before schema 4 made it */
const timeIndex = { key: { tt: 1, u: 1, _id: 1 }, name: 'updated' } as const

/** as releases before schema 12 made the first two, and the one with it the third */
const dueIndexes = [
  { key: { state: 1, at: 1 }, name: 'due' },
  { key: { state: 1, t: 1, at: 1 }, name: 'due-of-tenant' },
  { key: { state: 1, t: 1, at: 1 }, name: 'open', partialFilterExpression: { state: { $lt: 'sent' } } },
]

/** as releases before schema 13 made them */
const numberIndexes = [
  { key: { tt: 1, 'n.p': 1, 'n.l': 1 }, name: 'numbers' },
  { key: { tt: 1, 'n.p': 1, 'n.h': 1 }, name: 'numbers-to' },
]

type Kept = Readonly<Record<'gateway' | 'source', Readonly<Record<string, Document[]>>>>

let client: MongoClient
let store: Store
let kept: Kept
let source: string

beforeAll(async () => {
  client = await connect(mongodbUri())
  source = uniqueName('sop')
  store = openStore(client, uniqueName('kept'))
  kept = readKept('schema-1.json', source)
  for (const [name, documents] of Object.entries(kept.gateway)) await store.db.collection(name).insertMany(documents)
  await store.resources.createIndexes([timeIndex])
  for (const [name, documents] of Object.entries(kept.source)) {
    await client.db(source).collection(name).insertMany(documents)
  }
})

afterAll(async () => {
  await store.db.dropDatabase()
  await client.db(source).dropDatabase()
  await client.close()
})

/** The source's database has a name of its own here; rows are known by it. */
function readKept(file: string, database: string): Kept {
  const text = readFileSync(join(import.meta.dirname, 'kept', file), 'utf8')
  const named = text.replace(/"([&]?)sop(?=[/.]|")/g, (_, mark: string) => `"${mark}${database}`)
  return BSON.EJSON.parse(named) as Kept
}

test('the schema is brought up to date, and a second start finds nothing to do', async () => {
  await prepareSchema(store)
  const request = await store.resources.findOne({ tt: 'default/ServiceRequest', deleted: false })
  expect(request?.k.some((key) => key.startsWith('code:text~'))).toBe(true)
  const before = await store.resources.find().sort({ _id: 1 }).toArray()
  await prepareSchema(store)
  expect(await store.resources.find().sort({ _id: 1 }).toArray()).toEqual(before)
})

test('what releases before indexed and this one does not is gone, whichever of two gateways that start drops it', async () => {
  expect((await store.resources.indexes()).map(({ name }) => name)).not.toContain('updated')
  await store.resources.createIndexes([timeIndex])
  await store.resources.createIndexes(numberIndexes)
  await store.owed.createIndexes(dueIndexes)
  await store.meta.updateOne({ _id: 'schema' }, { $set: { version: 3 } })
  await Promise.all([prepareSchema(store), prepareSchema(store)])
  const left = (await store.resources.indexes()).map(({ name }) => name)
  for (const { name } of [timeIndex, ...numberIndexes]) expect(left).not.toContain(name)
  expect((await store.owed.indexes()).map(({ name }) => name)).toEqual(['_id_', 'unsent', 'about', 'ended'])
})

test('this release projects over it: every resource and every version of before is there', async () => {
  const { systems } = loadSystems(join(import.meta.dirname, '../../mappings'), { base: BASE })
  const system = systems.find((each) => each.system === 'sop')
  if (!system) throw new Error('mappings/sop is not there')
  const plan = planOf([{ system, database: source, tenant: 'default', timeZone: 'UTC' }], BASE)
  const worker = new ProjectionWorker({ store, plan, log: createLogger('silent'), definitions: definitionSet([]) })
  worker.start()
  while (!(await projectionState(store, plan)).caughtUp) await sleep(50)
  await worker.stop()
  const current = new Map((await store.resources.find().toArray()).map((resource) => [resource._id, resource]))
  for (const { _id, v, deleted } of kept.gateway['resources'] as { _id: string; v: number; deleted: boolean }[]) {
    expect([_id, current.get(_id)?.deleted]).toEqual([_id, deleted])
    expect(current.get(_id)?.v).toBeGreaterThanOrEqual(v)
  }
  const versions = new Map((await store.versions.find().toArray()).map(({ _id, body }) => [_id, body]))
  for (const { _id, body } of kept.gateway['versions'] as { _id: string; body: string }[]) {
    expect(versions.get(_id)).toBe(body)
  }
  expect(await store.problems.countDocuments()).toBe(0)
})
