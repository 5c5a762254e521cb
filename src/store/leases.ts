/**
 * A lease: one worker at a time does the work of a name; when it stops renewing, another takes over.
 *
 * The lease alone protects nothing, since its holder may be frozen and wake up. So each taking raises a fencing token
 * (kept where the work commits, see positions.ts), and the former holder's session is ended: a transaction that it left
 * open when it was killed would block everybody for a minute.
 */
import type { Binary } from 'mongodb'
import { MongoServerError } from 'mongodb'
import type { Store } from './collections.ts'

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
  /** id of the session its transactions run in */
  readonly session: Binary
  /** true when a holder that still has time left cannot be alive */
  isDead(owner: string): boolean
}

/** Takes the lease when it is free, expired, or its holder is dead. */
export async function takeLease(store: Store, request: LeaseRequest): Promise<Lease | undefined> {
  const { name, owner, session } = request
  const held = await store.leases.findOne({ _id: name })
  if (held && held.expires > new Date() && !request.isDead(held.owner)) return undefined
  // Counts up even over a lost `leases` collection, since tokens already given out live on in positions
  const fence = Math.max((held?.fence ?? 0) + 1, Date.now())
  try {
    const filter = { _id: name, fence: held?.fence ?? 0 }
    await store.leases.updateOne(
      filter,
      { $set: { owner, session, fence, expires: inFuture(), lag: {} } },
      { upsert: true },
    )
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return undefined
    throw error
  }
  if (held && held.session.toString('hex') !== session.toString('hex')) await endSession(store, held.session)
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

export async function releaseLease(store: Store, lease: Lease): Promise<void> {
  await store.leases.updateOne({ _id: lease.name, fence: lease.fence }, { $set: { expires: new Date(0) } })
}

function inFuture(): Date {
  return new Date(Date.now() + LIFETIME)
}

async function endSession(store: Store, id: Binary): Promise<void> {
  await store.client.db('admin').command({ killSessions: [{ id }] })
}
