import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { SubscriptionFollower } from '../../../src/fhir/subscriptions/follower.ts'
import { defaultLimits } from '../../../src/kernel/limits.ts'
import { planOf } from '../../../src/projection/plan.ts'
import type { Store } from '../../../src/store/collections.ts'
import { writeSubscriptions } from '../../../src/store/subscriptions.ts'
import { inTransaction } from '../../../src/store/transaction.ts'
import { closeStore, openTestStore } from '../../support/databases.ts'

let store: Store

beforeAll(async () => {
  store = await openTestStore()
})

afterAll(() => closeStore(store))

test('it is awaited while somebody listens, of whatever tenant, and until it was looked at', async () => {
  const writeBack = { store, plan: planOf([], 'https://interop.example.org'), routing: {} }
  const parts = { store, topics: [], limits: defaultLimits, isAuthorized: false, wake: () => undefined }
  const follower = new SubscriptionFollower({ ...parts, writeBack: () => writeBack })
  const session = store.client.startSession()
  const isAwaitedAfter = async (tenant: string): Promise<boolean> => {
    await inTransaction(session, () =>
      follower.follow([{ id: `${tenant}/Basic/a`, v: 1, method: 'POST' as const }], session),
    )
    return follower.isAwaited()
  }
  expect(follower.isAwaited()).toBe(true)
  expect(await isAwaitedAfter('default')).toBe(false)
  const wish = { criteria: [], channel: { type: 'rest-hook', timeout: 1, maxCount: 1 } } as const
  const write = { _id: 'north/Subscription/s', t: 'north', creator: { by: 'test' }, base: 'https://x.example', wish }
  await inTransaction(session, () =>
    writeSubscriptions(store, [{ ...write, headers: [], state: 'requested', at: new Date() }], session),
  )
  expect(await isAwaitedAfter('default')).toBe(true)
  expect(await isAwaitedAfter('north')).toBe(true)
  await store.subscriptions.updateMany({}, { $set: { state: 'off' } })
  expect(await isAwaitedAfter('north')).toBe(false)
  await session.endSession()
})
