import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inTransaction, withSession } from '../../../src/store/transaction.ts'
import { writeSubscriptions } from '../../../src/store/subscriptions.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { SubscriptionServer } from '../../support/subscription-server.ts'
import { BASE, startSubscriptionServer, until } from '../../support/subscription-server.ts'

let hub: SubscriptionServer
let slow: Receiver
let quick: Receiver
const held: ServerResponse[] = []

beforeAll(async () => {
  hub = await startSubscriptionServer()
  slow = await receiver((response) => void held.push(response))
  quick = await receiver()
})

afterAll(async () => {
  for (const response of held) response.destroy()
  await hub.stop()
  await slow.stop()
  await quick.stop()
})

/** Each is to be greeted. */
async function subscribe(tenant: string, count: number, endpoint: string): Promise<void> {
  const payload = { payload: 'application/fhir+json', content: 'empty' } as const
  const channel = { type: 'rest-hook', endpoint, ...payload, timeout: 60, maxCount: 20 } as const
  const wish = { criteria: [{ type: 'Flag', query: '' }], channel }
  const own = {
    t: tenant,
    creator: { by: 'a' },
    base: BASE,
    wish,
    headers: [],
    state: 'requested',
    at: new Date(),
  } as const
  const all = Array.from({ length: count }, (_, n) => ({ _id: `${tenant}/Subscription/s${n}`, ...own }))
  const { store } = hub.server
  await withSession(store, (session) => inTransaction(session, () => writeSubscriptions(store, all, session)))
}

test('receivers of one tenant that do not answer hold up no other’s (fault 51)', async () => {
  await subscribe('flood', 80, slow.url)
  hub.startWorkers()
  await until(() => held.length > 0)
  await subscribe('quiet', 1, quick.url)
  await until(() => quick.heard.length === 1)
  expect(await hub.server.store.subscriptions.countDocuments({ t: 'flood', tries: { $gt: 0 } })).toBe(0)
}, 60_000)
