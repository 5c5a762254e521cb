/**
 * Backfill: every row of a collection through the same path as a change, in order of `_id`, then the removal of what rows
 * gave that are no longer there. Progress commits with its batch, so a killed one goes on where it stopped.
 *
 * It runs when a collection is first seen, when a mapping (or what else its resources depend on) changed, when changes
 * were lost, and when somebody asks for it.
 */
import type { BackfillProgress } from '../store/backfills.ts'
import { advanceBackfill, forgetBackfill, readBackfills, startBackfill } from '../store/backfills.ts'
import type { Store } from '../store/collections.ts'
import type { BackfillDocument } from '../store/documents.ts'
import { readTrackedRows } from '../store/projected.ts'
import type { RowRef } from '../store/row-id.ts'
import { countRows, readIdsAfter, readRowIds } from '../store/source-rows.ts'
import type { Committed, Leader } from './commit.ts'
import { commitBatch } from './commit.ts'
import type { CollectionPlan, Plan } from './plan.ts'

/** Resources in a transaction: more cost memory and hold up what happens meanwhile, fewer cost round trips. */
const RESOURCES = 700
const FEWEST_ROWS = 50
const MOST_ROWS = 500
const TRACKED = 1_000

/** Starts what was never done, or done under other mappings. Gives what is to do, in the plan's order. */
export async function findBackfills(store: Store, plan: Plan): Promise<BackfillDocument[]> {
  const known = new Map((await readBackfills(store)).map((backfill) => [backfill._id, backfill]))
  for (const [key, collection] of plan.collections) {
    if (known.get(key)?.hash === collection.hash) continue
    const total = await countRows(store, collection)
    await startBackfill(store, { ...placeOf(collection), hash: collection.hash, total })
  }
  for (const [key, { instance, collection, hash }] of known) {
    if (!plan.collections.has(key) && hash !== '')
      await startBackfill(store, { instance, collection, hash: '', total: 0 })
  }
  return openBackfills(store, plan)
}

/** In the plan's order; collections that no mapping knows any more last. */
export async function openBackfills(store: Store, plan: Plan): Promise<BackfillDocument[]> {
  const order = new Map([...plan.collections.keys()].map((key, index) => [key, index]))
  const place = ({ _id }: BackfillDocument): number => order.get(_id) ?? order.size
  return (await readBackfills(store)).filter(({ phase }) => phase !== 'done').sort((a, b) => place(a) - place(b))
}

export interface BackfillStep extends Committed {
  readonly progress: BackfillProgress
  /** rows the next batch should have */
  readonly pace: number
}

export const FIRST_PACE = 100

/** One batch of a backfill, of `pace` rows. */
export async function stepBackfill(leader: Leader, backfill: BackfillDocument, pace: number): Promise<BackfillStep> {
  const source = leader.plan.collections.get(backfill._id)
  const batch =
    backfill.phase === 'rows'
      ? await nextRows(leader.store, source, backfill, pace)
      : await nextGone(leader.store, source, backfill)
  const committed = await commitBatch(leader, batch.refs, {
    onlyChanged: false,
    progress: (session) => advanceBackfill(leader.store, backfill, batch.progress, session),
  })
  if (!source && batch.progress.phase === 'done') await forgetBackfill(leader.store, backfill)
  return { ...committed, progress: batch.progress, pace: paceAfter(batch.refs.length, committed.given, pace) }
}

function paceAfter(rows: number, given: number, pace: number): number {
  if (rows === 0) return pace
  return Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, Math.floor((rows * RESOURCES) / Math.max(1, given))))
}

interface Batch {
  readonly refs: readonly RowRef[]
  readonly progress: BackfillProgress
}

async function nextRows(
  store: Store,
  source: CollectionPlan | undefined,
  { after, done, run }: BackfillDocument,
  rows: number,
): Promise<Batch> {
  const ids = source ? await readIdsAfter(store, source, after, rows) : []
  const refs = source ? ids.map((_id) => ({ ...placeOf(source), _id })) : []
  const progress = { done: done + refs.length }
  if (refs.length === rows) return { refs, progress: { ...progress, phase: 'rows', after: { id: ids.at(-1) } } }
  // The first time there is nothing to sweep: what went since the stream's start is an event of the stream
  return { refs, progress: { ...progress, phase: source && run === 1 ? 'done' : 'sweep' } }
}

/** Rows that were projected once and are not there now. */
async function nextGone(
  store: Store,
  source: CollectionPlan | undefined,
  { _id, after, done }: BackfillDocument,
): Promise<Batch> {
  const tracked = await readTrackedRows(store, _id, (after?.id as string | undefined) ?? '', TRACKED)
  const ids = tracked.map((ref) => ref._id)
  const there = source ? await readRowIds(store, source, ids) : new Set<string>()
  const refs = tracked.filter(({ id }) => !there.has(id))
  if (tracked.length < TRACKED) return { refs, progress: { phase: 'done', done } }
  return { refs, progress: { phase: 'sweep', done, after: { id: tracked.at(-1)?.id } } }
}

export function placeOf({ instance, collection }: CollectionPlan): { instance: string; collection: string } {
  return { instance, collection }
}

/** The rows of a collection in pages, for whoever only looks. */
export async function* pagesOf(store: Store, source: CollectionPlan): AsyncGenerator<RowRef[]> {
  let after: { id: unknown } | undefined
  for (;;) {
    const ids = await readIdsAfter(store, source, after, FIRST_PACE)
    if (ids.length === 0) return
    yield ids.map((_id) => ({ ...placeOf(source), _id }))
    after = { id: ids.at(-1) }
  }
}
