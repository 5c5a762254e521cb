/**
 * Writing rows of the source systems: only what changed, each value in its place, so that what nobody wrote keeps its
 * type and digits. Always inside the transaction that also changes the resources.
 */
import { ObjectId } from 'mongodb'
import type { ClientSession, Document } from 'mongodb'
import { GatewayError } from '../kernel/errors.ts'
import { sameValue } from '../mapping/element-value.ts'
import type { Row } from '../mapping/lens.ts'
import type { Store } from './collections.ts'

/** Where a row is. */
export interface RowPlace {
  readonly database: string
  readonly collection: string
  readonly _id: unknown
}

/** The `_id` of a new row. */
export function newRowId(): unknown {
  return new ObjectId()
}

function rowsOf({ client }: Store, { database, collection }: Omit<RowPlace, '_id'>) {
  return client.db(database).collection(collection)
}

/** Sets what differs; answers whether anything did. */
export async function updateRow(
  store: Store,
  place: RowPlace,
  before: Row,
  after: Row,
  session: ClientSession,
): Promise<boolean> {
  const $set: Record<string, unknown> = {}
  for (const column of Object.keys(after))
    if (before[column] !== after[column]) changesOf(column, before[column], after[column], $set)
  if (Object.keys($set).length === 0) return false
  const { matchedCount } = await rowsOf(store, place).updateOne({ _id: place._id } as Document, { $set }, { session })
  if (matchedCount === 0) throw new GatewayError('GW_CONFLICT', 'The source row went away meanwhile; read again.')
  return true
}

/** Members of objects and items of arrays one by one: what stands beside them is not written again. */
function changesOf(path: string, before: unknown, after: unknown, $set: Record<string, unknown>): void {
  if (before !== undefined && sameValue(before, after)) return
  if (Array.isArray(before) && Array.isArray(after) && after.length >= before.length) {
    for (const [index, item] of (after as unknown[]).entries()) changesOf(`${path}.${index}`, before[index], item, $set)
  } else if (
    isPlain(before) &&
    isPlain(after) &&
    Object.keys(before).every((name) => name in after) &&
    hasPlainNames(after)
  ) {
    for (const [name, member] of Object.entries(after)) changesOf(`${path}.${name}`, before[name], member, $set)
  } else $set[path] = after
}

function isPlain(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function hasPlainNames(value: Row): boolean {
  return Object.keys(value).every((name) => name !== '' && !name.includes('.') && !name.startsWith('$'))
}

/**
 * The first thing a transaction does that lost a race: from now on nobody else writes the row, so it cannot lose again.
 * The server takes a write that changes nothing for none; so a column comes and goes, and the row is what it was.
 */
export async function holdRow(store: Store, place: RowPlace, session: ClientSession): Promise<void> {
  const filter = { _id: place._id } as Document
  await rowsOf(store, place).updateOne(filter, { $set: { [HELD]: true } }, { session })
  await rowsOf(store, place).updateOne(filter, { $unset: { [HELD]: true } }, { session })
}

const HELD = 'isthmusHeld'

export async function insertRow(store: Store, place: RowPlace, row: Row, session: ClientSession): Promise<void> {
  await rowsOf(store, place).insertOne({ _id: place._id, ...row } as Document, { session })
}

export async function deleteRow(store: Store, place: RowPlace, session: ClientSession): Promise<void> {
  await rowsOf(store, place).deleteOne({ _id: place._id } as Document, { session })
}

/** Takes items out of an array column; those that stay are not written again. */
export async function removeItems(
  store: Store,
  place: RowPlace,
  column: string,
  indexes: readonly number[],
  session: ClientSession,
): Promise<void> {
  const kept = {
    $filter: { input: { $range: [0, { $size: `$${column}` }] }, cond: { $not: [{ $in: ['$$this', indexes] }] } },
  }
  const items = { $map: { input: kept, in: { $arrayElemAt: [`$${column}`, '$$this'] } } }
  await rowsOf(store, place).updateOne({ _id: place._id } as Document, [{ $set: { [column]: items } }], { session })
}

/** Does another row than this hold one of the values? */
export async function isTaken(
  store: Store,
  place: RowPlace,
  column: string,
  values: readonly unknown[],
  session: ClientSession,
): Promise<boolean> {
  const filter = { [column]: { $in: [...values] }, _id: { $ne: place._id } } as Document
  return (await rowsOf(store, place).findOne(filter, { session, projection: { _id: 1 } })) !== null
}

/** The greatest number in a column: whole numbers, or those after `start` in texts such as PAT-000201. */
export async function greatestNumber(
  store: Store,
  place: Omit<RowPlace, '_id'>,
  column: string,
  start: string | undefined,
): Promise<number> {
  const pattern = new RegExp(`^${(start ?? '').replace(/[^\w-]/g, '\\$&')}\\d{1,15}$`)
  const [match, number] =
    start === undefined
      ? [{ $type: 'number' }, `$${column}`]
      : [pattern, { $toLong: { $substrBytes: [`$${column}`, Buffer.byteLength(start), -1] } }]
  const [found] = await rowsOf(store, place)
    .aggregate<{ n: number }>([{ $match: { [column]: match } }, { $group: { _id: null, n: { $max: number } } }])
    .toArray()
  return found?.n ?? 0
}
