import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { ClientSession } from 'mongodb'
import type { Store } from '../../src/store/collections.ts'
import type { Lease } from '../../src/store/leases.ts'
import { releaseLease, renewLease, takeLease } from '../../src/store/leases.ts'
import { LeaseLostError, advancePosition, claimPosition } from '../../src/store/positions.ts'
import { inTransaction } from '../../src/store/transaction.ts'
import { closeStore, openTestStore } from '../support/databases.ts'

let store: Store
const sessions: ClientSession[] = []

beforeEach(async () => {
  store = await openTestStore()
})

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.endSession()
  await closeStore(store)
})

function session(): ClientSession {
  const started = store.client.startSession()
  sessions.push(started)
  return started
}

async function take(owner: string, of = session(), isDead = (_: string) => false): Promise<Lease | undefined> {
  if (!of.id) throw new Error('the session has ended')
  return takeLease(store, { name: 'work', owner, sessions: [of.id.id], isDead })
}

test('one of many takes it, the others wait until it is given back', async () => {
  const taken = (await Promise.all(['a', 'b', 'c', 'd'].map((owner) => take(owner)))).filter(
    (lease) => lease !== undefined,
  )
  expect(taken).toHaveLength(1)
  expect(await take('e')).toBeUndefined()
  await releaseLease(store, taken[0] as Lease, true)
  expect((await take('e'))?.fence).toBeGreaterThan(taken[0]?.fence ?? 0)
})

test('a dead or expired holder is replaced, and can neither renew nor commit any more', async () => {
  const old = (await take('a')) as Lease
  await claimPosition(store, old)
  const next = (await take('b', session(), (owner) => owner === 'a')) as Lease
  await claimPosition(store, next)
  expect(await renewLease(store, old, {})).toBe(false)
  await expect(inTransaction(session(), (inside) => advancePosition(store, old, 't', inside))).rejects.toThrow(
    LeaseLostError,
  )
  await inTransaction(session(), (inside) => advancePosition(store, next, 't', inside))
  expect((await store.positions.findOne({}))?.token).toBe('t')
})

test('a transaction that a dead holder left open holds nobody up', async () => {
  const dead = session()
  const old = (await take('a', dead)) as Lease
  await claimPosition(store, old)
  dead.startTransaction()
  await store.positions.updateOne({}, { $inc: { commits: 1 } }, { session: dead })
  const started = Date.now()
  const next = (await take('b', session(), () => true)) as Lease
  await claimPosition(store, next)
  expect(Date.now() - started).toBeLessThan(5_000)
})

test.each([true, false])(
  'what its sessions do after it was given back, with all done: %s, goes on so',
  async (isDone) => {
    const reused = session()
    await releaseLease(store, (await take('a', reused)) as Lease, isDone)
    reused.startTransaction()
    await store.counters.insertOne({ _id: 'x', n: 1 }, { session: reused })
    await take('b')
    const committed = reused.commitTransaction().then(
      () => true,
      () => false,
    )
    expect(await committed).toBe(isDone)
  },
)
