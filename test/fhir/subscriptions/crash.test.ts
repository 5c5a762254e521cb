import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import { mongodbUri, redisUrl, uniqueName } from '../../support/services.ts'
import type { SubscriptionServer } from '../../support/subscription-server.ts'
import { notifiedIn, startSubscriptionServer, subscriptionTo, until } from '../../support/subscription-server.ts'
import { programOf } from '../../support/worker-program.ts'

const KILLS = 6
let hub: SubscriptionServer
let hook: Receiver
const place = { redisUrl: redisUrl(), database: uniqueName('teller') }
const teller = programOf(new URL('teller-process.ts', import.meta.url), () => [
  JSON.stringify({ mongodbUri: mongodbUri(), store: hub.server.store.db.databaseName, place }),
])

beforeAll(async () => {
  hub = await startSubscriptionServer()
  hook = await receiver((response) => void setTimeout(() => response.writeHead(200).end(), 5))
})

afterAll(async () => {
  await teller.kill()
  await hook.stop()
  await hub.stop()
})

test('killed at any moment, every event is told in order, with numbers without gaps', async () => {
  const criteria = 'DiagnosticReport?status=final'
  await hub.server.send('POST', 'Subscription', { ...subscriptionTo('report-changed', hook.url), criteria })
  const written: string[] = []
  let isWriting = true
  const writer = (async () => {
    while (isWriting) {
      const report = {
        resourceType: 'DiagnosticReport',
        status: 'final',
        code: { text: 'a' },
        subject: { display: 'A' },
      }
      const { json } = await hub.server.send('POST', 'DiagnosticReport', report)
      written.push(`DiagnosticReport/${(json as unknown as { id: string }).id}`)
      await sleep(10)
    }
  })()
  for (let round = 0; round < KILLS; round++) {
    teller.start()
    const before = hook.heard.length
    await until(() => hook.heard.length > before)
    await sleep(137 * round)
    await teller.kill()
  }
  isWriting = false
  await writer
  teller.start()
  const told = (): Map<number, string> =>
    new Map(
      hook.heard.flatMap(({ body }) => {
        const { numbers, focuses } = notifiedIn(body)
        return numbers.map((n, index) => [n, focuses[index] ?? ''] as const)
      }),
    )
  await until(() => told().size >= written.length)
  expect([...told().keys()]).toEqual(written.map((_, index) => index + 1))
  expect([...told().values()].sort()).toEqual([...written].sort())
}, 120_000)
