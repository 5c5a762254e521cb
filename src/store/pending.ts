/** What is left of changes that too many rows lean on: worked off in pages, oldest first. */
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'
import type { PendingDocument } from './documents.ts'
import { readDependents } from './projected.ts'
import type { RowRef } from './row-id.ts'

export interface PendingPage {
  readonly pending: PendingDocument
  readonly refs: readonly RowRef[]
  /** `_id` in `rows` of the last one; undefined when none are left after these */
  readonly last: string | undefined
}

export async function hasPending(store: Store): Promise<boolean> {
  return (await store.pending.findOne({}, { projection: { _id: 1 } })) !== null
}

export async function readPending(
  store: Store,
  limit: number,
  session: ClientSession,
): Promise<PendingPage | undefined> {
  const [pending] = await store.pending.find({}, { session }).sort({ _id: 1 }).limit(1).toArray()
  if (!pending) return undefined
  const refs = await readDependents(store, pending.deps, { after: pending.after, limit }, session)
  return { pending, refs, last: refs.length < limit ? undefined : refs.at(-1)?.id }
}

export async function advancePending(
  store: Store,
  { pending, last }: PendingPage,
  session: ClientSession,
): Promise<void> {
  const filter = { _id: pending._id }
  if (last === undefined) await store.pending.deleteOne(filter, { session })
  else await store.pending.updateOne(filter, { $set: { after: last } }, { session })
}
