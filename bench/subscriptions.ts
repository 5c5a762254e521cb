/**
 * From commit to receipt: `node bench/subscriptions.ts`. Real services, relay and deliverer as a worker runs them, and a
 * receiver on loopback, all in this process.
 *
 * First at leisure: a commit every 50 ms, and how long until the receiver has its event. Then a flood: so many commits at
 * once, with one subscription and with twenty, and how many events a second arrive.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { everythingOf } from '../src/access/permit.ts'
import { SubscriptionDeliverer, wakingName } from '../src/fhir/subscriptions/deliverer.ts'
import { SubscriptionFollower } from '../src/fhir/subscriptions/follower.ts'
import { defaultLimits } from '../src/kernel/limits.ts'
import { createLogger } from '../src/kernel/logger.ts'
import { outbound } from '../src/outbound/outbound.ts'
import { LOOPBACK } from '../src/outbound/reach.ts'
import { planOf } from '../src/projection/plan.ts'
import { commitWrites } from '../src/projection/write-back.ts'
import { openJobQueue } from '../src/queue/job-queue.ts'
import { sealsOf } from '../src/seal/seals.ts'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { writeSubscriptions } from '../src/store/subscriptions.ts'
import { inTransaction } from '../src/store/transaction.ts'
import { Relay } from '../src/workers/relay.ts'
import { nativeObservation } from './native-resources.ts'
import { startBenchServices } from './support/services.ts'

const LEISURELY = 200
const FLOOD = 3_000
const AT_ONCE = 64

const services = await startBenchServices()
const client = await connect(services.mongodbUri)
const seals = sealsOf([{ kid: 'bench000', key: randomBytes(32) }])
const store = openStore(client, 'bench_subscriptions', seals)
await prepareSchema(store)

/** Milliseconds of the commits by the text of the resource, and what came of them. */
const committed = new Map<string, number>()
const delays: number[] = []
let received = 0
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => void chunks.push(chunk))
  request.on('end', () => {
    response.writeHead(200).end()
    const now = performance.now()
    for (const [focus] of Buffer.concat(chunks)
      .toString()
      .matchAll(/(?<="name":"focus","valueReference":\{"reference":")[^"]+/g)) {
      received++
      const at = committed.get(focus.slice(focus.indexOf('Observation/')))
      if (at !== undefined) delays.push(now - at)
    }
  })
})
await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve))
const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`

const log = createLogger('error')
const place = { redisUrl: services.redisUrl, database: 'bench_subscriptions' }
const queue = openJobQueue(place, 'subscriptions')
const writeBack = { store, plan: planOf([], 'https://interop.example.org'), routing: {} }
const parts = { store, limits: defaultLimits, isAuthorized: false, log, place, queue, seals }
const wake = (ids: readonly string[]): void => void queue.add(ids.map((id) => wakingName(id)))
const follower = new SubscriptionFollower({ ...parts, topics: [], writeBack: () => writeBack, wake })
const calls = outbound({ networks: LOOPBACK, connections: 8 })
const deliverer = new SubscriptionDeliverer({ ...parts, outbound: calls, show: () => Promise.resolve() })
const relay = new Relay({ store, log, followers: [follower] })
relay.start()
deliverer.start()

try {
  await subscribe(1)
  for (let index = 0; index < LEISURELY; index++) {
    await commit(index)
    await sleep(50)
  }
  await arrived(LEISURELY)
  console.log(`at leisure: p50 ${quantile(0.5)} ms, p95 ${quantile(0.95)} ms from commit to receipt`)
  for (const count of [1, 20]) {
    await subscribe(count)
    received = 0
    const start = performance.now()
    await flood()
    const written = performance.now()
    await arrived(FLOOD * count)
    const seconds = (performance.now() - start) / 1_000
    const behind = Math.round(performance.now() - written)
    console.log(
      `${FLOOD} commits, ${count} subscriptions: ${Math.round((FLOOD * count) / seconds)} events/s, the last ${behind} ms after the last commit`,
    )
  }
} finally {
  await Promise.all([relay.stop(), deliverer.stop()])
  calls.close()
  await queue.close()
  receiver.close()
  await client.close()
  await services.stop()
}

/** So many, as if they had been greeted. */
async function subscribe(count: number): Promise<void> {
  const channel = { type: 'rest-hook', endpoint, payload: 'application/fhir+json', content: 'id-only' } as const
  const wish = {
    criteria: [{ type: 'Observation', query: 'status=final' }],
    channel: { ...channel, timeout: 10, maxCount: 50 },
  }
  const writes = Array.from({ length: count }, (_, index) => ({
    ...{ _id: `default/Subscription/s${index}`, t: 'default', creator: { by: 'bench' }, base: 'http://bench/fhir/R4' },
    ...({ wish, headers: [], state: 'requested', at: new Date() } as const),
  }))
  const session = client.startSession()
  await inTransaction(session, () => writeSubscriptions(store, writes, session))
  await session.endSession()
  await store.subscriptions.updateMany({}, { $set: { greeted: true, state: 'active', shown: 'active' } })
}

async function commit(index: number): Promise<void> {
  const resource = nativeObservation(index)
  const operation = { method: 'POST', type: 'Observation', resource } as const
  const [written] = await commitWrites(writeBack, everythingOf('default'), 'bench', [operation])
  committed.set(written?._id.slice('default/'.length) ?? '', performance.now())
}

async function flood(): Promise<void> {
  const queue = Array.from({ length: FLOOD }, (_, index) => index).values()
  const worker = async (): Promise<void> => {
    for (const index of queue) await commit(index)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function arrived(count: number): Promise<void> {
  const end = performance.now() + 120_000
  while (received < count && performance.now() < end) await sleep(5)
  if (received < count) throw new Error(`only ${received} of ${count} events arrived`)
}

function quantile(share: number): string {
  const sorted = [...delays].sort((a, b) => a - b)
  return (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(0)
}
