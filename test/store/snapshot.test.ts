import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ClientSession, Collection, Document, MongoClient } from 'mongodb'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { Reads, findAmong } from '../../src/store/reads.ts'
import type { Snapshot } from '../../src/store/snapshot.ts'
import { TooManyError, openSnapshot } from '../../src/store/snapshot.ts'
import { NotCommittedError, commitAt, sessionAt } from '../../src/store/transaction.ts'
import { mongodbUri, uniqueName } from '../support/services.ts'

let client: MongoClient
let store: Store
let rows: Collection
beforeAll(async () => {
  client = await connect(mongodbUri())
  store = openStore(client, uniqueName('snapshot'))
  rows = store.db.collection('things')
  await rows.insertMany(
    [1, 2, 3, 4].map((n) => ({ _id: n as never, key: n % 2 ? n : String(n), tags: ['all', `t${n}`] })),
  )
})
afterAll(async () => {
  await store.db.dropDatabase()
  await client.close()
})

async function open(session = sessionAt(store)): Promise<Snapshot> {
  return (await openSnapshot(store, { collection: 'things', ids: ['none'] }, session)).snapshot
}

const ids = (found: readonly Document[]) => found.map(({ _id }) => _id as unknown).sort()

async function queries(done: () => Promise<unknown>): Promise<number> {
  await store.db.setProfilingLevel('all')
  const start = new Date()
  await done()
  await store.db.setProfilingLevel('off')
  return store.db.collection('system.profile').countDocuments({ ns: rows.namespace, op: 'query', ts: { $gte: start } })
}

test('lookups of one turn are one command, each gets its own, and what was asked is not asked again', async () => {
  const snapshot = await open()
  const seen = await queries(async () => {
    const [first, second] = await Promise.all([
      snapshot.among(rows, 'key', [1, '1']),
      snapshot.among(rows, 'key', [3, 9]),
    ])
    expect([ids(first), ids(second)]).toEqual([[1], [3]])
    expect(ids(await snapshot.among(rows, 'key', [1, 3, 9]))).toEqual([1, 3])
  })
  expect(seen).toBe(1)
})

test('what was read whole answers for some of its fields', async () => {
  const snapshot = await open()
  const seen = await queries(async () => {
    await snapshot.among(rows, '_id', [1, 2])
    expect(ids(await snapshot.among(rows, '_id', [1], { projection: { key: 1 } }))).toEqual([1])
  })
  expect(seen).toBe(1)
})

test('a list of values is found by each, and too many are said to be', async () => {
  const snapshot = await open()
  expect(ids(await snapshot.among(rows, 'tags', ['t1', 't4'], { most: 10 }))).toEqual([1, 4])
  await expect(snapshot.among(rows, 'tags', ['all'], { most: 4 })).rejects.toThrow(TooManyError)
})

test('everything is read as of its moment, and a write to what changed since is lost', async () => {
  const [kept, lost, again] = [sessionAt(store), sessionAt(store), sessionAt(store)]
  const snapshots = [await open(kept), await open(lost), await open(again)] as const
  await rows.updateOne({ _id: 2 as never }, { $set: { key: 'later' } })
  expect(await snapshots[1].among(rows, '_id', [2])).toMatchObject([{ key: '2' }])
  const touch = (session: ClientSession, { moment }: Snapshot, _id: number) =>
    commitAt(session, moment, async () => {
      await rows.updateOne({ _id: _id as never }, { $set: { touched: true } }, { session })
    })
  await touch(kept, snapshots[0], 1)
  await expect(touch(lost, snapshots[1], 2)).rejects.toThrow(NotCommittedError)
  await expect(touch(again, snapshots[2], 1)).rejects.toThrow(NotCommittedError)
  expect(await rows.distinct('_id', { touched: true })).toEqual([1])
  for (const session of [kept, lost, again]) await session.endSession()
})

test('rows are read as they are about to be', async () => {
  const reads = new Reads(await open())
  const { databaseName: database } = store.db
  reads.put({ database, collection: 'things', _id: 3 }, { _id: 3, key: 4, tags: [] })
  reads.put({ database, collection: 'things', _id: 4 }, undefined)
  expect(ids(await findAmong(reads, rows, 'key', [3, '4', 4]))).toEqual([3])
  expect(ids(await findAmong(reads, rows, '_id', [1, 3, 4]))).toEqual([1, 3])
  expect(ids(await reads.whole(rows, {}))).toEqual([1, 2, 3])
  reads.forget()
  expect(ids(await findAmong(reads, rows, 'key', [3, '4']))).toEqual([3, 4])
})
