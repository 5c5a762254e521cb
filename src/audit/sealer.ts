/**
 * Links committed events into the chain of their tenant, within a second: one program at a time, by a lease; and where two
 * should do it all the same, only one of them gets each link in. No write waits for it.
 */
import type { Logger } from '../kernel/logger.ts'
import { steadily } from '../kernel/steadily.ts'
import type { ClientSession } from 'mongodb'
import type { AuditNote } from '../store/audit-documents.ts'
import { OtherSealerError, addLink, auditedTenants, readEvents, readHead, readNotes } from '../store/audit-chain.ts'
import type { Store } from '../store/collections.ts'
import { isDuplicate } from '../store/failures.ts'
import type { Lease } from '../store/leases.ts'
import { releaseLease, renewLease, takeLease } from '../store/leases.ts'
import { markerOf, nextLink } from './chain.ts'
import { keptSince, removeExpired } from './retention.ts'

const LEASE = 'audit'
const PAUSE = 400
const RETRY = 1_000
const RENEW = 2_000
const AT_ONCE = 1_000
const LOOK_FOR_EXPIRED = 3_600_000

export interface SealerOptions {
  readonly store: Store
  /** this program, by a name that tells others whether it can still be alive */
  readonly owner: string
  readonly isDead: (owner: string) => boolean
  readonly log: Logger
  /** how long events are kept */
  readonly years: number
}

/** Everything there is now; gives how many events were linked. */
export async function sealOpen(store: Store): Promise<number> {
  const session = store.client.startSession()
  try {
    for (let count = 0; ;) {
      const found = await readNotes(store, AT_ONCE)
      for (const [tenant, own] of Map.groupBy(found, ({ t }) => t)) {
        for (const notes of inLinks(own)) count += await linkNotes(store, session, tenant, notes)
      }
      if (found.length < AT_ONCE) return count
    }
  } finally {
    await session.endSession()
  }
}

async function linkNotes(
  store: Store,
  session: ClientSession,
  tenant: string,
  notes: readonly AuditNote[],
): Promise<number> {
  const ids = notes.flatMap(({ open }) => open)
  const events = await readEvents(store, tenant, ids)
  const before = await readHead(store, tenant)
  const { link, head } = nextLink(markerOf(store.seals, tenant), tenant, before, ids, events)
  await addLink(store, session, link, { head, before, notes })
  return ids.length
}

/** Of about so many events each. */
function inLinks(notes: readonly AuditNote[]): AuditNote[][] {
  const links: AuditNote[][] = []
  let room = 0
  for (const note of notes) {
    if (room <= 0) {
      links.push([])
      room = AT_ONCE
    }
    links.at(-1)?.push(note)
    room -= note.open.length
  }
  return links
}

export class Sealer {
  readonly #options: SealerOptions
  readonly #stopping = new AbortController()
  #lease: Lease | undefined
  #renewed = 0
  #looked = -Infinity
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
    await releaseLease(store, this.#lease, true).catch(() => undefined)
  }

  #run(): Promise<void> {
    const { log } = this.#options
    return steadily(() => this.#seal(), {
      ...{ signal: this.#stopping.signal, pause: PAUSE, retry: RETRY },
      failed: (error) => log.warn({ err: error }, 'the audit could not be linked; it is tried again'),
    })
  }

  async #seal(): Promise<void> {
    try {
      if (!(await this.#leads())) return
      await sealOpen(this.#options.store)
      await this.#removeExpired()
    } catch (error) {
      const isOthers = error instanceof OtherSealerError || isDuplicate(error)
      if (!isOthers) throw error
    }
  }

  async #removeExpired(): Promise<void> {
    if (performance.now() - this.#looked < LOOK_FOR_EXPIRED) return
    this.#looked = performance.now()
    const { store, years, log } = this.#options
    for (const tenant of await auditedTenants(store)) {
      const count = await removeExpired(store, tenant, keptSince(years))
      if (count > 0) log.info({ count }, 'audit events were kept long enough and are removed')
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
