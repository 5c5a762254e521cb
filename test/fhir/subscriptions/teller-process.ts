/** Relay and deliverer of subscriptions in a process of their own, to be killed: `node teller-process.ts <places as JSON>`. */
import { showState } from '../../../src/cli/subscriptions.ts'
import { SubscriptionDeliverer } from '../../../src/fhir/subscriptions/deliverer.ts'
import { SubscriptionFollower } from '../../../src/fhir/subscriptions/follower.ts'
import { defaultLimits } from '../../../src/kernel/limits.ts'
import { createLogger } from '../../../src/kernel/logger.ts'
import { outbound } from '../../../src/outbound/outbound.ts'
import { LOOPBACK } from '../../../src/outbound/reach.ts'
import { planOf } from '../../../src/projection/plan.ts'
import { openJobQueue } from '../../../src/queue/job-queue.ts'
import type { QueuePlace } from '../../../src/queue/job-queue.ts'
import { openStore } from '../../../src/store/collections.ts'
import { connect } from '../../../src/store/connection.ts'
import { Relay } from '../../../src/workers/relay.ts'

interface Places {
  readonly mongodbUri: string
  readonly store: string
  readonly place: QueuePlace
}

const { mongodbUri, store: name, place } = JSON.parse(process.argv[2] ?? '') as Places
const store = openStore(await connect(mongodbUri), name)
const log = createLogger('error')
const writeBack = { store, plan: planOf([], 'https://interop.example.org'), routing: {} }
const queue = openJobQueue(place, 'subscriptions')
const parts = { store, limits: defaultLimits, isAuthorized: false, log, place, queue, seals: store.seals }
// Nobody is woken: what is owed is found by the sweep
const follower = new SubscriptionFollower({ ...parts, topics: [], writeBack: () => writeBack, wake: () => undefined })
const calls = outbound({ networks: LOOPBACK })
const show = (each: Parameters<typeof showState>[1]): Promise<void> => showState(writeBack, each)
new Relay({ store, log, followers: [follower] }).start()
new SubscriptionDeliverer({ ...parts, outbound: calls, show }).start()
