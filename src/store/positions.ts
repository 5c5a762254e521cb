/** How far the change stream is projected; committed with what it caused, guarded by the lease's fencing token. */
import type { ClientSession, Timestamp } from 'mongodb'
import type { Store } from './collections.ts'
import type { PositionDocument } from './documents.ts'
import type { Lease } from './leases.ts'

const _id = 'projection'

/** The lease was lost: another worker projects now. Nothing of this transaction is kept. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

/** Makes the position known to be this lease's; from here on nobody with an older token can commit. */
export async function claimPosition(store: Store, { fence }: Lease): Promise<PositionDocument> {
  const start = await clusterTime(store)
  await store.positions.updateOne(
    { _id, fence: { $lte: fence } },
    { $set: { fence }, $setOnInsert: { start } },
    { upsert: true },
  )
  return (await store.positions.findOne({ _id })) as PositionDocument
}

/** Part of every transaction of the projection. Without a token the position stays where it is. */
export async function advancePosition(
  store: Store,
  { fence }: Lease,
  token: unknown,
  session: ClientSession | undefined,
): Promise<void> {
  const { matchedCount } = await store.positions.updateOne(
    { _id, fence },
    { $inc: { commits: 1 }, ...(token !== undefined && { $set: { token } }) },
    { ...(session && { session }) },
  )
  if (matchedCount === 0) throw new LeaseLostError('another worker has taken over the projection')
}

/** Forgets the token: the stream begins anew, now. Whoever calls this projects everything again. */
export async function restartPosition(store: Store, { fence }: Lease): Promise<PositionDocument> {
  await store.positions.updateOne({ _id, fence }, { $set: { start: await clusterTime(store) }, $unset: { token: 1 } })
  return (await store.positions.findOne({ _id })) as PositionDocument
}

async function clusterTime(store: Store): Promise<Timestamp> {
  const { operationTime } = (await store.client.db('admin').command({ ping: 1 })) as { operationTime: Timestamp }
  return operationTime
}
