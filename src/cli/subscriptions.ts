/** Subscriptions put together: what the FHIR API needs of them, and what works in the background. */
import type { Subscription } from '@medplum/fhirtypes'
import { everythingOf } from '../access/permit.ts'
import { SubscriptionDeliverer, wakingName } from '../fhir/subscriptions/deliverer.ts'
import { SubscriptionFollower } from '../fhir/subscriptions/follower.ts'
import type { SubscriptionService } from '../fhir/subscriptions/service.ts'
import { SubscriptionSockets } from '../fhir/subscriptions/sockets.ts'
import { GatewayError } from '../kernel/errors.ts'
import { outbound } from '../outbound/outbound.ts'
import { commitWrites } from '../projection/write-back.ts'
import type { WriteBack } from '../projection/write-back.ts'
import { openJobQueue } from '../queue/job-queue.ts'
import type { JobQueue, QueuePlace } from '../queue/job-queue.ts'
import type { Follower } from '../store/outbox.ts'
import type { SubscriptionDocument } from '../store/subscription-documents.ts'
import { markShown, shownAs } from '../store/subscriptions.ts'
import type { BulkOptions, InUse } from './bulk.ts'
import { topicsOf } from './definitions.ts'

/** As whom the gateway itself writes. */
const GATEWAY = 'gateway'
/** At once to one receiver: subscriptions of one program often have one address. */
const CONNECTIONS = 8

export interface OpenService extends SubscriptionService {
  readonly sockets: SubscriptionSockets
  close(): Promise<void>
}

/** What gateways have; to be closed when they serve no more. */
export function subscriptionService(options: BulkOptions): OpenService {
  const { config, store, log } = options
  const queue = openJobQueue(placeOf(options), 'subscriptions')
  const calls = outbound({ networks: config.outboundNetworks })
  const sockets = new SubscriptionSockets({ store, log, isAuthorized: config.auth === 'smart' })
  return {
    topics: topicsOf(config),
    assertWithin: calls.assertWithin,
    wake: waking(queue),
    sockets,
    async close() {
      await sockets.close()
      calls.close()
      await queue.close()
    },
  }
}

export interface SubscriptionWorkers {
  readonly follower: Follower
  start(): void
  stop(): Promise<void>
}

/** `inUse`: whenever it is asked. */
export function subscriptionWorkers(options: BulkOptions, inUse: () => Pick<InUse, 'writeBack'>): SubscriptionWorkers {
  const { config, store, log } = options
  const { limits } = config
  const place = placeOf(options)
  const queue = openJobQueue(place, 'subscriptions')
  const calls = outbound({ networks: config.outboundNetworks, connections: CONNECTIONS })
  const isAuthorized = config.auth === 'smart'
  const writeBack = (): WriteBack => inUse().writeBack
  const topics = topicsOf(config)
  const deliverer = new SubscriptionDeliverer({
    ...{ store, limits, isAuthorized, place, queue, log, outbound: calls, seals: store.seals },
    show: (subscription) => showState(writeBack(), subscription),
  })
  return {
    follower: new SubscriptionFollower({ store, topics, limits, isAuthorized, writeBack, wake: waking(queue) }),
    start: () => deliverer.start(),
    async stop() {
      await deliverer.stop()
      calls.close()
      await queue.close()
    },
  }
}

/** The status of the resource is the gateway's, and so is the reason beside it. */
export async function showState(writeBack: WriteBack, subscription: SubscriptionDocument): Promise<void> {
  const { _id, t, state, reason, fence } = subscription
  const id = _id.slice(_id.lastIndexOf('/') + 1)
  const edit = (current: object | undefined): Subscription => {
    const { error: _, ...rest } = current as Subscription
    // Who switched it off meanwhile is not overruled by what was so a moment ago
    if (rest.status === 'off' && state !== 'off') return current as Subscription
    return { ...rest, status: state, ...(reason !== undefined && { error: reason }) }
  }
  try {
    const update = { method: 'PUT', type: 'Subscription', id, existing: true, edit } as const
    await commitWrites(writeBack, everythingOf(t), GATEWAY, [update])
  } catch (error) {
    // Deleted: the relay is about to know
    if (!(error instanceof GatewayError) || error.status >= 500) throw error
  }
  await markShown(writeBack.store, { id: _id, fence }, shownAs(subscription))
}

function waking(queue: JobQueue): (ids: readonly string[]) => void {
  // Where Redis is away, the sweep finds them
  return (ids) => void queue.add(ids.map((id) => wakingName(id))).catch(() => undefined)
}

function placeOf({ redisUrl, config: { database } }: BulkOptions): QueuePlace {
  return { redisUrl, database }
}
