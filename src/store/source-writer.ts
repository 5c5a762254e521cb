/**
 * Writing rows of the source systems: only what changed, each value in its place, so that what nobody wrote keeps its
 * type and digits. A write is planned first, with the row as it will be, and done with all others of its commit.
 */
import { BSON, ObjectId } from 'mongodb'
import type { AnyBulkWriteOperation, ClientSession, Document } from 'mongodb'
import { GatewayError } from '../kernel/errors.ts'
import { sameValue } from '../mapping/element-value.ts'
import type { Row } from '../mapping/lens.ts'
import type { Store } from './collections.ts'
import type { Reader } from './reads.ts'
import { Reads, findAmong } from './reads.ts'
import { idText } from './row-id.ts'
import { sourceCollection } from './source-collection.ts'

/** Where a row is. */
export interface RowPlace {
  readonly database: string
  readonly collection: string
  readonly _id: unknown
}

export interface SourceWrite {
  readonly place: RowPlace
  readonly operation: AnyBulkWriteOperation
}

/** A write, and the row as it is read afterwards: undefined when it is gone. */
export interface PlannedRow {
  readonly write: SourceWrite
  readonly row: Row | undefined
}

/** The `_id` of a new row. */
export function newRowId(): unknown {
  return new ObjectId()
}

/** Sets what differs; undefined when nothing does. */
export function updatedRow(place: RowPlace, before: Row, after: Row): PlannedRow | undefined {
  const $set: Record<string, unknown> = {}
  for (const column of Object.keys(after))
    if (before[column] !== after[column]) changesOf(column, before[column], after[column], $set)
  if (Object.keys($set).length === 0) return undefined
  const operation = { updateOne: { filter: { _id: place._id } as Document, update: { $set } } }
  return { write: { place, operation }, row: withSet(before, $set) }
}

export function newRow(place: RowPlace, row: Row): PlannedRow {
  const document = { _id: place._id, ...row } as Document
  return { write: { place, operation: { insertOne: { document } } }, row: asStored(document) as Row }
}

export function noRow(place: RowPlace): PlannedRow {
  return { write: { place, operation: { deleteOne: { filter: { _id: place._id } as Document } } }, row: undefined }
}

/** Takes items out of an array column; those that stay are not written again. */
export function withoutItems(place: RowPlace, now: Row, column: string, indexes: readonly number[]): PlannedRow {
  const kept = {
    $filter: { input: { $range: [0, { $size: `$${column}` }] }, cond: { $not: [{ $in: ['$$this', indexes] }] } },
  }
  const items = { $map: { input: kept, in: { $arrayElemAt: [`$${column}`, '$$this'] } } }
  const operation = { updateOne: { filter: { _id: place._id } as Document, update: [{ $set: { [column]: items } }] } }
  const left = (now[column] as readonly unknown[]).filter((_, index) => !indexes.includes(index))
  return { write: { place, operation }, row: { ...now, [column]: left } }
}

/** In their order; those of one collection together. */
export async function writeRows(store: Store, writes: readonly SourceWrite[], session: ClientSession): Promise<void> {
  for (const group of Map.groupBy(writes, ({ place }) => `${place.database}.${place.collection}`).values()) {
    const [{ place }] = group as [SourceWrite]
    const operations = group.map(({ operation }) => operation)
    const { matchedCount } = await sourceCollection(store, place).bulkWrite(operations, { session })
    if (matchedCount < operations.filter((operation) => 'updateOne' in operation).length) {
      throw new GatewayError('GW_CONFLICT', 'The source row went away meanwhile; read again.')
    }
  }
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

/** As the server sets paths: what is there keeps its place, what is new follows in the order of names. */
function withSet(row: Row, $set: Readonly<Record<string, unknown>>): Row {
  return Object.keys($set)
    .sort()
    .reduce((now, path) => withPath(now, path.split('.'), asStored($set[path])) as Row, row)
}

function withPath(value: unknown, [name, ...rest]: readonly string[], set: unknown): unknown {
  if (name === undefined) return set
  if (!Array.isArray(value)) return { ...(value as Row), [name]: withPath((value as Row)[name], rest, set) }
  const items = [...(value as unknown[])]
  items[Number(name)] = withPath(items[Number(name)], rest, set)
  return items
}

/** A value as it is read after it was written. */
function asStored(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return BSON.deserialize(BSON.serialize({ value }, { ignoreUndefined: false }))['value']
}

/**
 * The first thing a transaction does that lost a race: from now on nobody else writes the row, so it cannot lose again.
 * The server takes a write that changes nothing for none; so a column comes and goes, and the row is what it was.
 */
export async function holdRow(store: Store, place: RowPlace, session: ClientSession): Promise<void> {
  const filter = { _id: place._id } as Document
  await sourceCollection(store, place).updateOne(filter, { $set: { [HELD]: true } }, { session })
  await sourceCollection(store, place).updateOne(filter, { $unset: { [HELD]: true } }, { session })
}

const HELD = 'isthmusHeld'

/** Does another row than this hold one of the values? */
export async function isTaken(
  store: Store,
  place: RowPlace,
  column: string,
  values: readonly unknown[],
  reader: Reader,
): Promise<boolean> {
  const all = reader instanceof Reads ? reader.all : reader
  const found = await findAmong(all, sourceCollection(store, place), column, values, { projection: { [column]: 1 } })
  const own = idText(place._id)
  return found.some(({ _id }) => idText(_id) !== own)
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
  const [found] = await sourceCollection(store, place)
    .aggregate<{ n: number }>([{ $match: { [column]: match } }, { $group: { _id: null, n: { $max: number } } }])
    .toArray()
  return found?.n ?? 0
}
