/** Rows that could not be mapped: listed, counted, and written aside when not even their problem could be committed. */
import type { ClientSession, Filter } from 'mongodb'
import type { Store } from './collections.ts'
import type { ProblemDocument, ProblemFilter } from './documents.ts'
import type { RowRef } from './row-id.ts'
import { rowId } from './row-id.ts'

export async function readProblems(store: Store, limit: number): Promise<ProblemDocument[]> {
  return store.problems.find().sort({ _id: 1 }).limit(limit).toArray()
}

/** All that fit, in order of their rows, read while they are used. */
export function eachProblem(store: Store, filter: ProblemFilter): AsyncIterable<ProblemDocument> {
  return store.problems.find(queryOf(filter)).sort({ _id: 1 })
}

/** The rows' `_id`s in `rows`, a page of them. */
export async function readProblemRows(
  store: Store,
  filter: ProblemFilter,
  { after, limit }: { readonly after: string; readonly limit: number },
  session: ClientSession,
): Promise<string[]> {
  const found = await store.problems
    .find({ ...queryOf(filter), _id: { $gt: after } }, { session, projection: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray()
  return found.map(({ _id }) => _id)
}

/** Of some instances; of the one that holds several tenants only what belongs to one of them. */
export interface OwnProblems extends ProblemFilter {
  readonly address?: { readonly instance: string; readonly dep: string }
}

/** In order of their rows, after that one. */
export function pageOfProblems(
  { problems }: Store,
  own: OwnProblems,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<ProblemDocument[]> {
  return problems
    .aggregate<ProblemDocument>([
      { $match: { ...queryOf(own), _id: { $gt: after } } },
      { $sort: { _id: 1 } },
      ...ownStages(own),
      { $limit: limit },
    ])
    .toArray()
}

export async function countOwnProblems({ problems }: Store, own: OwnProblems): Promise<number> {
  const stages = [{ $match: queryOf(own) }, ...ownStages(own), { $count: 'count' }]
  const [found] = await problems.aggregate<{ readonly count: number }>(stages).toArray()
  return found?.count ?? 0
}

/** A row leans on the address of its tenant. */
function ownStages({ address }: OwnProblems): object[] {
  if (!address) return []
  const { instance, dep } = address
  const pipeline = [{ $match: { deps: dep } }, { $project: { _id: 1 } }]
  return [
    { $lookup: { from: 'rows', localField: '_id', foreignField: '_id', as: 'own', pipeline } },
    { $match: { $or: [{ instance: { $ne: instance } }, { 'own.0': { $exists: true } }] } },
    { $unset: 'own' },
  ]
}

function queryOf({ instances, collection, mapping }: ProblemFilter): Filter<ProblemDocument> {
  return {
    ...(instances && { instance: { $in: [...instances] } }),
    ...(collection !== undefined && { collection }),
    ...(mapping !== undefined && { mapping }),
  }
}

export interface ProblemCount {
  readonly instance: string
  /** empty where no mapping was reached */
  readonly mapping: string
  readonly count: number
}

export async function countProblems(store: Store): Promise<ProblemCount[]> {
  return store.problems
    .aggregate<ProblemCount>([
      { $group: { _id: { instance: '$instance', mapping: '$mapping' }, count: { $sum: 1 } } },
      { $project: { _id: 0, instance: '$_id.instance', mapping: '$_id.mapping', count: 1 } },
    ])
    .toArray()
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
