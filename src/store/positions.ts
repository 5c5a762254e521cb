/**
 * How far the change stream is projected; committed with what it caused, guarded by the lease's fencing token.
 *
 * There are two places to keep it, since two batches may be on their way: the second reads while the first is written, and
 * its transaction, at the moment of its reads, would lose to the first if both wrote one document. The one that is further
 * counts. Going back to an earlier one is always safe: what was projected already changes nothing.
 */
import type { ClientSession, Timestamp } from 'mongodb'
import type { Store } from './collections.ts'
import type { PositionDocument } from './documents.ts'
import type { Lease } from './leases.ts'

export const PLACES = ['projection', 'projection-next'] as const
export type Place = (typeof PLACES)[number]

/** The lease was lost: another worker projects now. Nothing of this transaction is kept. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

/** Makes the position known to be this lease's; from here on nobody with an older token can commit. */
export async function claimPosition(store: Store, { fence }: Lease): Promise<PositionDocument> {
  const start = await clusterTime(store)
  for (const _id of PLACES) {
    await store.positions.updateOne(
      { _id, fence: { $lte: fence } },
      { $set: { fence }, $setOnInsert: { start } },
      { upsert: true },
    )
  }
  return furthest(store)
}

async function furthest({ positions }: Store): Promise<PositionDocument> {
  const [first, next] = await Promise.all(PLACES.map((_id) => positions.findOne({ _id })))
  return (next && tokenText(next) > tokenText(first) ? next : first) as PositionDocument
}

/** Texts of resume tokens are in the order of their changes (MongoDB manual, Change Streams: Resume Tokens). */
function tokenText(position: PositionDocument | null | undefined): string {
  return (position?.token as { _data?: string } | undefined)?._data ?? ''
}

/** Part of every transaction of the projection. Without a token the position stays where it is. */
export async function advancePosition(
  store: Store,
  { fence }: Lease,
  token: unknown,
  session: ClientSession | undefined,
  place: Place = PLACES[0],
): Promise<void> {
  const { matchedCount } = await store.positions.updateOne(
    { _id: place, fence },
    { $inc: { commits: 1 }, ...(token !== undefined && { $set: { token } }) },
    { ...(session && { session }) },
  )
  if (matchedCount === 0) throw new LeaseLostError('another worker has taken over the projection')
}

/** Forgets the token: the stream begins anew, now. Whoever calls this projects everything again. */
export async function restartPosition(store: Store, { fence }: Lease): Promise<PositionDocument> {
  const start = await clusterTime(store)
  await store.positions.updateMany({ _id: { $in: [...PLACES] }, fence }, { $set: { start }, $unset: { token: 1 } })
  return furthest(store)
}

async function clusterTime(store: Store): Promise<Timestamp> {
  const { operationTime } = (await store.client.db('admin').command({ ping: 1 })) as { operationTime: Timestamp }
  return operationTime
}
