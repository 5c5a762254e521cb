import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { BSON } from 'mongodb'
import type { Store } from '../../src/store/collections.ts'
import { readRaw } from '../../src/store/read-command.ts'
import { closeStore, openTestStore } from '../support/databases.ts'

const MEGABYTE = 1 << 20

let store: Store
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(async () => {
  for (const name of ['large', 'slow']) await store.db.collection(name).drop()
  await closeStore(store)
})

const time = () => ({ signal: AbortSignal.timeout(20_000), maxTimeMS: 20_000 })
const idIn = (bytes: object): unknown => BSON.deserialize(bytes as Uint8Array)['_id']

async function insertLarge(collection: string): Promise<void> {
  const body = 'x'.repeat(6 * MEGABYTE)
  const documents = Array.from({ length: 5 }, (_, number) => ({ _id: number, body }))
  for (const document of documents) await store.db.collection<{ _id: number }>(collection).insertOne(document)
}

test('an answer that MongoDB gives in several pieces is read whole', async () => {
  await insertLarge('large')
  const readConcern = { level: 'majority' }
  const found = await readRaw(store, { find: 'large', filter: {}, sort: { _id: 1 }, readConcern }, time())
  expect(found.documents.map(idIn)).toEqual([0, 1, 2, 3, 4])
  const pipeline = [{ $match: { _id: { $gt: 0 } } }, { $sort: { _id: -1 } }]
  const aggregated = await readRaw(store, { aggregate: 'large', pipeline, readConcern: { level: 'snapshot' } }, time())
  expect(aggregated.documents.map(idIn)).toEqual([4, 3, 2, 1])
  expect(aggregated.atClusterTime).toBeDefined()
})

test('a read that the server ended is made once more', async () => {
  await store.db.collection<{ _id: number }>('slow').insertOne({ _id: 1 })
  const find = { find: 'slow', filter: { $where: 'sleep(1500) || true' }, comment: 'ended by the server' }
  const read = readRaw(store, { ...find, readConcern: { level: 'majority' } }, time())
  await endCommand(find.comment)
  expect((await read).documents.map(idIn)).toEqual([1])
})

test('what the server will not do is not tried again', async () => {
  const find = { find: 'slow', filter: { $nothing: 1 } }
  await expect(readRaw(store, find, time())).rejects.toThrow('unknown top level operator: $nothing')
  const slow = { find: 'slow', filter: { $where: 'sleep(1500) || true' } }
  await expect(readRaw(store, slow, { ...time(), maxTimeMS: 100 })).rejects.toThrow('exceeded time limit')
})

async function endCommand(comment: string): Promise<void> {
  const admin = store.client.db('admin')
  for (;;) {
    const ofComment = [{ $currentOp: {} }, { $match: { 'command.comment': comment } }]
    const running = await admin.aggregate<{ opid: number }>(ofComment, { readConcern: { level: 'local' } }).toArray()
    const [operation] = running
    if (operation) {
      await admin.command({ killOp: 1, op: operation.opid })
      return
    }
    await sleep(10)
  }
}
