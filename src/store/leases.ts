/**
 * A lease: one worker at a time does the work of a name; when it stops renewing, another takes over.
 *
 * The lease alone protects nothing, since its holder may be frozen and wake up. So each taking raises a fencing token
 * (kept where the work commits, see positions.ts), and the former holder's sessions are ended: a transaction that it left
 * open when it was killed would block everybody for a minute.
 */
import type { Binary } from 'mongodb'
import { MongoServerError } from 'mongodb'
import type { Store } from './collections.ts'
import type { LeaseDocument } from './documents.ts'

export interface Lease {
  readonly name: string
  readonly owner: string
  readonly fence: number
}

const LIFETIME = 10_000
const DUPLICATE_KEY = 11_000

export interface LeaseRequest {
  readonly name: string
  readonly owner: string
  /** ids of the sessions its transactions run in */
  readonly sessions: readonly Binary[]
  /** true when a holder that still has time left cannot be alive */
  isDead(owner: string): boolean
}

/** Takes the lease when it is free, expired, or its holder is dead. */
export async function takeLease(store: Store, request: LeaseRequest): Promise<Lease | undefined> {
  const { name, owner, sessions } = request
  const held = await store.leases.findOne({ _id: name })
  if (held && held.expires > new Date() && !request.isDead(held.owner)) return undefined
  // Counts up even over a lost `leases` collection, since tokens already given out live on in positions
  const fence = Math.max((held?.fence ?? 0) + 1, Date.now())
  try {
    const filter = { _id: name, fence: held?.fence ?? 0 }
    const taken = { owner, session: sessions[0] as Binary, sessions, fence, expires: inFuture(), lag: {} }
    await store.leases.updateOne(filter, { $set: taken }, { upsert: true })
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return undefined
    throw error
  }
  if (held) await endSessions(store, held, sessions)
  return { name, owner, fence }
}

/** False when somebody else has it. */
export async function renewLease(store: Store, lease: Lease, lag: Readonly<Record<string, number>>): Promise<boolean> {
  const { matchedCount } = await store.leases.updateOne(
    { _id: lease.name, fence: lease.fence },
    { $set: { expires: inFuture(), lag } },
  )
  return matchedCount === 1
}

/**
 * `isDone`: nothing that it began is open. Its sessions are then forgotten, not left to whoever takes over to end: the driver
 * gives what is ended to the next request of this program, which would be interrupted.
 */
export async function releaseLease(store: Store, lease: Lease, isDone: boolean): Promise<void> {
  const given = { expires: new Date(0), ...(isDone && { sessions: [] }) }
  await store.leases.updateOne({ _id: lease.name, fence: lease.fence }, { $set: given })
}

function inFuture(): Date {
  return new Date(Date.now() + LIFETIME)
}

async function endSessions(store: Store, held: LeaseDocument, own: readonly Binary[]): Promise<void> {
  const kept = new Set(own.map((id) => id.toString('hex')))
  const ids = (held.sessions ?? [held.session]).filter((id) => !kept.has(id.toString('hex')))
  if (ids.length > 0) await store.client.db('admin').command({ killSessions: ids.map((id) => ({ id })) })
}
