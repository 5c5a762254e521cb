import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Store } from '../../src/store/collections.ts'
import { isDuplicate } from '../../src/store/failures.ts'
import { inTransaction } from '../../src/store/transaction.ts'
import type { Statement } from '../../src/store/write-command.ts'
import { writeAll } from '../../src/store/write-command.ts'
import { closeStore, openTestStore } from '../support/databases.ts'

let store: Store

beforeAll(async () => {
  store = await openTestStore()
})

afterAll(() => closeStore(store))

beforeEach(async () => {
  await store.versions.deleteMany({})
})

async function write(verb: 'insert' | 'update', statements: readonly Statement[]): Promise<void> {
  const session = store.client.startSession()
  try {
    await inTransaction(session, () => writeAll(store, verb, store.versions, { statements, session }))
  } finally {
    await session.endSession()
  }
}

const inserts = (count: number, text: string): Statement[] =>
  Array.from({ length: count }, (_, n) => ({ document: { _id: `v${n}`, body: text }, text: text.length }))

async function commandsOf(work: () => Promise<void>): Promise<number> {
  const inserted = async (): Promise<number> =>
    (
      (await store.client.db('admin').command({ serverStatus: 1 })) as {
        metrics: { commands: { insert: { total: number } } }
      }
    ).metrics.commands.insert.total
  const before = await inserted()
  await work()
  return (await inserted()) - before
}

test('more text than a command takes is written by several, and so is one text that is longer', async () => {
  expect(await commandsOf(() => write('insert', inserts(20, 'x'.repeat(100_000))))).toBeGreaterThanOrEqual(4)
  expect(await store.versions.countDocuments({ body: /^x/ })).toBe(20)
  await store.versions.deleteMany({})
  await write('insert', inserts(3, 'ش'.repeat(2_000_000)))
  expect(await store.versions.countDocuments()).toBe(3)
})

test('updates fit what they name; nothing to write asks nothing', async () => {
  await write('insert', inserts(3, 'before'))
  await write('update', [{ document: { q: { _id: 'v1' }, u: { $set: { body: 'after' } } }, text: 5 }])
  await write('update', [])
  const bodies = (await store.versions.find().sort({ _id: 1 }).toArray()).map(({ body }) => body)
  expect(bodies).toEqual(['before', 'after', 'before'])
})

test('a key that is there already is said, and nothing of the transaction is written', async () => {
  await write('insert', inserts(1, 'first'))
  const refused = await write('insert', inserts(4, 'second')).catch((error: unknown) => error)
  expect([isDuplicate(refused, 'versions'), isDuplicate(refused, 'resources')]).toEqual([true, false])
  expect(await store.versions.countDocuments()).toBe(1)
})
