/**
 * Links committed events into the chain of their tenant, within a second: one program at a time, by a lease; and where two
 * should do it all the same, only one of them gets each link in. No write waits for it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../kernel/logger.ts'
import { OtherSealerError, addLink, readHead, readOpen } from '../store/audit-chain.ts'
import type { Store } from '../store/collections.ts'
import { isDuplicate } from '../store/failures.ts'
import type { Lease } from '../store/leases.ts'
import { releaseLease, renewLease, takeLease } from '../store/leases.ts'
import { markerOf, nextLink } from './chain.ts'

const LEASE = 'audit'
const PAUSE = 400
const RETRY = 1_000
const RENEW = 2_000
const AT_ONCE = 1_000

export interface SealerOptions {
  readonly store: Store
  /** this program, by a name that tells others whether it can still be alive */
  readonly owner: string
  readonly isDead: (owner: string) => boolean
  readonly log: Logger
}

/** Everything there is now; gives how many events were linked. */
export async function sealOpen(store: Store): Promise<number> {
  const session = store.client.startSession()
  try {
    for (let count = 0; ;) {
      const events = await readOpen(store, AT_ONCE)
      for (const [tenant, own] of Map.groupBy(events, ({ t }) => t)) {
        const before = await readHead(store, tenant)
        const { link, head } = nextLink(markerOf(store.seals, tenant), tenant, before, own)
        await addLink(store, session, link, { head, before })
      }
      count += events.length
      if (events.length < AT_ONCE) return count
    }
  } finally {
    await session.endSession()
  }
}

export class Sealer {
  readonly #options: SealerOptions
  readonly #stopping = new AbortController()
  #lease: Lease | undefined
  #renewed = 0
  #running: Promise<void> | undefined

  constructor(options: SealerOptions) {
    this.#options = options
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Links what is there, gives back the lease. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    const { store } = this.#options
    if (!this.#lease) return
    await sealOpen(store).catch(() => undefined)
    await releaseLease(store, this.#lease).catch(() => undefined)
  }

  async #run(): Promise<void> {
    const { store, log } = this.#options
    const { signal } = this.#stopping
    let isAway = false
    while (!signal.aborted) {
      try {
        if (await this.#leads()) await sealOpen(store)
        isAway = false
      } catch (error) {
        const isOthers = error instanceof OtherSealerError || isDuplicate(error)
        if (!isAway && !isOthers) log.warn({ err: error }, 'the audit could not be linked; it is tried again')
        isAway = !isOthers
      }
      await sleep(isAway ? RETRY : PAUSE, undefined, { signal }).catch(() => undefined)
    }
  }

  async #leads(): Promise<boolean> {
    const { store, owner, isDead } = this.#options
    if (this.#lease && performance.now() - this.#renewed < RENEW) return true
    if (this.#lease && !(await renewLease(store, this.#lease, {}))) this.#lease = undefined
    if (!this.#lease) {
      const session = store.client.startSession()
      const sessions = session.id ? [session.id.id] : []
      this.#lease = await takeLease(store, { name: LEASE, owner, sessions, isDead })
      await session.endSession()
    }
    this.#renewed = performance.now()
    return this.#lease !== undefined
  }
}
