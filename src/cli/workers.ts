/** What works in the background of every program that runs long, gateway or worker, whoever of them gets to do it. */
import { Relay } from '../workers/relay.ts'
import type { BulkOptions, InUse } from './bulk.ts'
import { bulkWorker } from './bulk.ts'

export interface Workers {
  start(): void
  /** Each finishes what it has in hand. */
  stop(): Promise<void>
}

/** `inUse`: whenever it is asked. */
export async function makeWorkers(options: BulkOptions, inUse: () => InUse): Promise<Workers> {
  const { store, log } = options
  const bulk = await bulkWorker(options, inUse)
  const relay = new Relay({ store, log, followers: [] })
  const all: readonly Workers[] = [bulk, relay]
  return {
    start() {
      for (const each of all) each.start()
    },
    async stop() {
      await Promise.all(all.map((each) => each.stop()))
    },
  }
}
