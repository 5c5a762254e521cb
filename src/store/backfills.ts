/** How far each collection is projected from its beginning; committed with the rows it counts. */
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'
import type { BackfillDocument } from './documents.ts'
import { collectionKey } from './row-id.ts'

export interface BackfillStart {
  readonly instance: string
  readonly collection: string
  readonly hash: string
  readonly total: number
}

export type BackfillProgress = Pick<BackfillDocument, 'phase' | 'done' | 'after'>

/** The backfill was started again meanwhile: what this batch says of its progress no longer counts. */
export class BackfillRestartedError extends Error {
  override readonly name = 'BackfillRestartedError'
}

export async function readBackfills(store: Store): Promise<BackfillDocument[]> {
  return store.backfills.find().toArray()
}

/** When each of the collections was gone through; those where this is under way, or was never begun, are left out. */
export async function backfilledAt(
  { backfills }: Store,
  collections: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const filter = { _id: { $in: [...collections] }, phase: 'done' } as const
  const found = await backfills.find(filter, { projection: { ended: 1 } }).toArray()
  return new Map(found.map(({ _id, ended }) => [_id, ended ?? new Date(0)]))
}

export async function startBackfill(
  store: Store,
  { instance, collection, hash, total }: BackfillStart,
  session?: ClientSession,
): Promise<void> {
  await store.backfills.updateOne(
    { _id: collectionKey(instance, collection) },
    {
      $set: { instance, collection, hash, total, phase: 'rows', done: 0 },
      $setOnInsert: { finished: false },
      $inc: { run: 1 },
      $unset: { after: 1 },
    },
    { upsert: true, ...(session && { session }) },
  )
}

/** Starts what is known again: every collection, or those of one instance. */
export async function restartBackfills(
  store: Store,
  filter: { instance?: string; collection?: string },
): Promise<void> {
  await store.backfills.updateMany(filter, { $set: { phase: 'rows', done: 0 }, $inc: { run: 1 }, $unset: { after: 1 } })
}

export async function advanceBackfill(
  store: Store,
  { _id, run }: BackfillDocument,
  { phase, done, after }: BackfillProgress,
  session: ClientSession,
): Promise<void> {
  const { matchedCount } = await store.backfills.updateOne(
    { _id, run },
    {
      $set: { phase, done, ...(after && { after }), ...(phase === 'done' && { finished: true, ended: new Date() }) },
      ...(!after && { $unset: { after: 1 } }),
    },
    { session },
  )
  if (matchedCount === 0) throw new BackfillRestartedError(`the backfill of ${_id} was started again`)
}

/** The backfill of a collection that no mapping knows any more, once its resources are gone. */
export async function forgetBackfill(store: Store, { _id, run }: BackfillDocument): Promise<void> {
  await store.backfills.deleteOne({ _id, run })
}
