import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Store } from '../../src/store/collections.ts'
import { rateLimit } from '../../src/store/rate-limit.ts'
import { closeStore, openTestStore } from '../support/databases.ts'

let store: Store

beforeEach(async () => {
  store = await openTestStore()
})

afterEach(async () => {
  await closeStore(store)
})

test('so many pass, over all gateways together; then they wait, until it is forgotten', async () => {
  const options = { name: 'login', times: 3, seconds: 60 }
  const gateways = [rateLimit(store, options), rateLimit(store, options)]
  const taken = await Promise.all(Array.from({ length: 10 }, (_, n) => gateways[n % 2]!.take('anna')))
  expect(taken.filter((seconds) => seconds === undefined)).toHaveLength(3)
  expect(await gateways[0]!.wait('anna')).toBeGreaterThan(50)
  expect(await gateways[0]!.wait('bert')).toBeUndefined()
  expect(await rateLimit(store, { ...options, name: 'other' }).take('anna')).toBeUndefined()
  expect(JSON.stringify(await store.db.collection('attempts').find().toArray())).not.toContain('anna')
  await gateways[0]!.forget('anna')
  expect(await rateLimit(store, options).take('anna')).toBeUndefined()
})

test('time heals', async () => {
  const limit = rateLimit(store, { name: 'short', times: 1, seconds: 1 })
  expect(await limit.take('x')).toBeUndefined()
  expect(await limit.take('x')).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect(await limit.take('x')).toBeUndefined()
})
