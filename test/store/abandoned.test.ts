/** What a program had open when it was killed holds up nobody: MongoDB alone would keep it for a minute. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { defaultLimits } from '../../src/kernel/limits.ts'
import { openTransactions } from '../../src/store/abandoned.ts'
import type { OpenTransaction } from '../../src/store/abandoned.ts'
import type { Store } from '../../src/store/collections.ts'
import { isOwnerDead } from '../../src/store/owner.ts'
import { registerProgram } from '../../src/store/program.ts'
import { prepareSchema } from '../../src/store/schema.ts'
import { untilSettled } from '../../src/store/settled.ts'
import { closeStore, openTestStore } from '../support/databases.ts'
import { programOf } from '../support/worker-program.ts'

let store: Store
const program = programOf(new URL('abandoned-process.ts', import.meta.url), () => [store.db.databaseName])

beforeEach(async () => {
  store = await openTestStore()
  program.start()
  while (!(await store.guards.findOne({ _id: 'begun' }))) await sleep(20)
})

afterEach(async () => {
  await program.kill()
  await closeStore(store)
})

/** What this program left: those of other tests have theirs in the same MongoDB. */
async function abandoned(): Promise<OpenTransaction[]> {
  const begun = await store.guards.findOne({ _id: 'begun' })
  const own = (await openTransactions(store.client)).filter(({ owner }) => owner.includes(` ${begun?.n ?? ''} `))
  return own.filter(({ owner }) => isOwnerDead(owner))
}

test('a writer ends it', async () => {
  await program.kill()
  expect(await abandoned()).toHaveLength(1)
  const [{ owner }] = (await abandoned()) as [OpenTransaction]
  await store.writers.insertOne({ _id: owner, sets: {}, expires: new Date(Date.now() + 10_000) })
  const writer = await registerProgram(store, defaultLimits)
  // Outside of a transaction this waits for whoever holds the document
  await store.guards.insertOne({ _id: 'held', n: 2 }, { maxTimeMS: 20_000 })
  // Another test's program in the same MongoDB may have been quicker
  while (await store.writers.findOne({ _id: owner })) await sleep(20)
  await writer.stop()
  expect(await abandoned()).toEqual([])
  expect(await store.writers.countDocuments()).toBe(0)
})

test('so does who waits for all that was begun', async () => {
  await program.kill()
  await untilSettled(store, new Date(Date.now() - 5_000), AbortSignal.timeout(20_000))
  expect(await abandoned()).toEqual([])
})

test('so does a start, before it makes indexes', async () => {
  await program.kill()
  await prepareSchema(store)
  expect(await abandoned()).toEqual([])
})

test('what a live program has open is left alone', async () => {
  const writer = await registerProgram(store, defaultLimits)
  await sleep(2_500)
  await writer.stop()
  const open = await openTransactions(store.client)
  const begun = await store.guards.findOne({ _id: 'begun' })
  expect(open.filter(({ owner }) => owner.includes(` ${begun?.n ?? ''} `))).toHaveLength(1)
  expect(await store.guards.findOne({ _id: 'held' })).toBeNull()
})
