/**
 * The rows of one batch: as they are now, as they were projected last, and what they give.
 *
 * A batch starts with rows that changed and grows by the rows that lean on them.
 */
import type { Part, Row } from '../mapping/lens.ts'
import type { Store } from '../store/collections.ts'
import type { RowDocument } from '../store/documents.ts'
import { readDependents, readRowDocuments } from '../store/projected.ts'
import type { RowRef } from '../store/row-id.ts'
import { collectionKey, rowId } from '../store/row-id.ts'
import type { Reader } from '../store/reads.ts'
import { readRowsAmong } from '../store/row-reads.ts'
import { hashRow } from '../store/source-rows.ts'
import { answersOf } from './answers.ts'
import type { CollectionPlan, Plan } from './plan.ts'

/** Why a row (or one mapping of it) gives nothing for now. */
export interface Problem {
  readonly mapping: string
  readonly rule: string
  readonly reason: string
}

export interface BatchRow {
  readonly id: string
  readonly ref: RowRef
  /** undefined when no mapping knows the collection any more */
  readonly plan: CollectionPlan | undefined
  readonly before: RowDocument | undefined
  /** undefined when it is gone */
  readonly row: Row | undefined
  readonly hash: string
  readonly answers: readonly string[]
  readonly deps: Set<string>
  tenant: { readonly slug: string; readonly key?: string } | undefined
  readonly parts: Part[]
  /** mappings that gave no parts because of a problem: what they gave before stays */
  readonly failed: Set<string>
  problem: Problem | undefined
}

/** The tools of one transaction, or of one snapshot. */
export interface Scope {
  readonly store: Store
  readonly plan: Plan
  readonly session: Reader
}

/** `known`: their documents in `rows`, where they were read already. */
export async function readBatch(
  scope: Scope,
  refs: readonly RowRef[],
  known?: readonly RowDocument[],
): Promise<BatchRow[]> {
  const byId = new Map(refs.map((ref) => [rowId(ref), ref]))
  const before = new Map(
    (known ?? (await readRowDocuments(scope.store, [...byId.keys()], scope.session))).map((doc) => [doc._id, doc]),
  )
  const rows = await readCurrent(scope, [...byId.values()])
  return [...byId.keys()].sort().map((id) => {
    const ref = byId.get(id) as RowRef
    return batchRow(id, ref, planFor(scope.plan, ref), before.get(id), rows.get(id))
  })
}

/** Two problems of one row are shown one at a time. */
export function addProblem(batchRow: BatchRow, problem: Problem): void {
  batchRow.problem ??= problem
}

/** Did the row appear, change or go? What did not disturbs nobody. */
export function hasChanged({ before, hash }: BatchRow): boolean {
  return (before?.hash ?? '') !== hash
}

/** Rows that lean on a changed row; undefined when there are more than `limit`. */
export async function dependentsOf(
  { store, session }: Scope,
  deps: readonly string[],
  known: ReadonlySet<string>,
  limit: number,
): Promise<RowRef[] | undefined> {
  const found = await readDependents(store, deps, { after: '', limit: limit + 1 }, session)
  return found.length > limit ? undefined : found.filter(({ id }) => !known.has(id))
}

function planFor(plan: Plan, { instance, collection }: RowRef): CollectionPlan | undefined {
  return plan.collections.get(collectionKey(instance, collection))
}

async function readCurrent({ store, plan, session }: Scope, refs: readonly RowRef[]): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>()
  const groups = Map.groupBy(refs, ({ instance, collection }) => collectionKey(instance, collection))
  for (const [key, group] of groups) {
    const source = plan.collections.get(key)
    if (!source) continue
    const ids = group.map(({ _id }) => _id)
    for (const row of await readRowsAmong(store, source, '_id', ids, session)) {
      rows.set(rowId({ instance: source.instance, collection: source.collection, _id: row['_id'] }), row)
    }
  }
  return rows
}

export function batchRow(
  id: string,
  ref: RowRef,
  plan: CollectionPlan | undefined,
  before: RowDocument | undefined,
  row: Row | undefined,
): BatchRow {
  return {
    id,
    ref,
    plan,
    before,
    row,
    hash: row ? hashRow(row) : '',
    answers: plan && row ? answersOf(plan, row) : [],
    deps: new Set(),
    tenant: undefined,
    parts: [],
    failed: new Set(),
    problem: undefined,
  }
}
