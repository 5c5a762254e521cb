/** Rows that could not be mapped: listed, counted, and written aside when not even their problem could be committed. */
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'
import type { ProblemDocument } from './documents.ts'
import type { RowRef } from './row-id.ts'
import { rowId } from './row-id.ts'

export async function readProblems(store: Store, limit: number): Promise<ProblemDocument[]> {
  return store.problems.find().sort({ _id: 1 }).limit(limit).toArray()
}

export async function countProblems(store: Store): Promise<Map<string, number>> {
  const counts = await store.problems
    .aggregate<{ _id: string; count: number }>([{ $group: { _id: '$instance', count: { $sum: 1 } } }])
    .toArray()
  return new Map(counts.map(({ _id, count }) => [_id, count]))
}

/** Sets a row aside whose changes cannot be stored (fault 15). What it gave before stays. */
export async function parkRow(store: Store, ref: RowRef, reason: string, session: ClientSession): Promise<void> {
  const _id = rowId(ref)
  const { instance, collection } = ref
  await store.problems.updateOne(
    { _id },
    {
      $set: { instance, collection, mapping: '', rule: '', reason },
      $setOnInsert: { key: '', since: new Date() },
    },
    { session, upsert: true },
  )
  await store.rows.updateOne(
    { _id },
    {
      // No row has this hash: the next change of the row is tried
      $set: { hash: 'parked', problem: true },
      $setOnInsert: { instance, collection, row: ref._id, answers: [], deps: [], resources: [] },
    },
    { session, upsert: true },
  )
}
