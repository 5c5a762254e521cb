/** What works in the background of every program that runs long, gateway or worker, whoever of them gets to do it. */
import { Relay } from '../workers/relay.ts'
import type { BulkOptions, InUse } from './bulk.ts'
import { bulkWorker } from './bulk.ts'
import { makeOwing } from './owing.ts'
import { openPost } from './post.ts'
import { subscriptionWorkers } from './subscriptions.ts'

export interface Background {
  start(): void
  /** It finishes what it has in hand. */
  stop(): Promise<void>
}

/** `inUse`: whenever it is asked. */
export async function makeWorkers(options: BulkOptions, inUse: () => InUse): Promise<Background> {
  const { store, log } = options
  const bulk = await bulkWorker(options, inUse)
  const post = await openPost(options)
  const { follower, workers } = makeOwing(options, inUse, post)
  const subscriptions = subscriptionWorkers(options, inUse)
  const relay = new Relay({ store, log, followers: [follower, subscriptions.follower] })
  const all: readonly Background[] = [bulk, relay, subscriptions, ...workers]
  return {
    start() {
      for (const each of all) each.start()
    },
    async stop() {
      await Promise.all(all.map((each) => each.stop()))
      post.close()
    },
  }
}
