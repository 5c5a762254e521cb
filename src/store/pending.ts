/** What is left to be projected again: worked off in pages, oldest first. */
import type { ClientSession } from 'mongodb'
import { ObjectId } from 'mongodb'
import type { Store } from './collections.ts'
import type { PendingDocument, ProblemFilter } from './documents.ts'
import { readProblemRows } from './problems.ts'
import { readDependents, readRowDocuments } from './projected.ts'
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

/** Asks whoever projects to try the rows with these problems again. */
export async function askForRetry(store: Store, problems: ProblemFilter): Promise<ObjectId> {
  const _id = new ObjectId()
  await store.pending.insertOne({ _id, deps: [], problems, after: '' })
  return _id
}

export async function isPending({ pending }: Store, _id: ObjectId): Promise<boolean> {
  return (await pending.findOne({ _id }, { projection: { _id: 1 } })) !== null
}

export async function readPending(
  store: Store,
  limit: number,
  session: ClientSession,
): Promise<PendingPage | undefined> {
  const [pending] = await store.pending.find({}, { session }).sort({ _id: 1 }).limit(1).toArray()
  if (!pending) return undefined
  const { deps, problems, after } = pending
  if (problems) return { pending, ...(await problemPage(store, problems, { after, limit }, session)) }
  const refs = await readDependents(store, deps, { after, limit }, session)
  return { pending, refs, last: refs.length < limit ? undefined : refs.at(-1)?.id }
}

async function problemPage(
  store: Store,
  problems: ProblemFilter,
  page: { readonly after: string; readonly limit: number },
  session: ClientSession,
): Promise<Omit<PendingPage, 'pending'>> {
  const ids = await readProblemRows(store, problems, page, session)
  const rows = await readRowDocuments(store, ids, session)
  const refs = rows.map(({ instance, collection, row }) => ({ instance, collection, _id: row }))
  return { refs, last: ids.length < page.limit ? undefined : ids.at(-1) }
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
