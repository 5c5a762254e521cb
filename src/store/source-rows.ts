/**
 * Rows of the source systems: their keys and names. Key columns hold numbers in one program and text in the next, so a
 * value is asked for in every form it may have, and compared as text.
 */
import { BSON, Decimal128, Long, ObjectId } from 'mongodb'
import { hash } from 'node:crypto'
import type { Row } from '../mapping/lens.ts'
import type { Store } from './collections.ts'
import { idText, rowId } from './row-id.ts'

/** A collection of a source: where it is and what of it may be read. */
export interface SourceCollection {
  readonly database: string
  readonly collection: string
  readonly secrets: readonly string[]
}

export interface InstanceCollection extends SourceCollection {
  readonly instance: string
}

/** In order of `_id`, here: asked to sort, the server may walk the whole `_id` index instead of the column's. */
export function inOrder(rows: Row[]): Row[] {
  return rows.length < 2 ? rows : rows.sort((a, b) => compareIds(a['_id'], b['_id']))
}

function compareIds(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [first, second] = [idText(a), idText(b)]
  return first < second ? -1 : first > second ? 1 : 0
}

/** `_id`s in order from the one after `after` on. A range over the index, since `$gt` keeps to one type of `_id`. */
export async function readIdsAfter(
  store: Store,
  source: SourceCollection,
  after: { readonly id: unknown } | undefined,
  limit: number,
): Promise<unknown[]> {
  const cursor = store.client
    .db(source.database)
    .collection(source.collection)
    .find({}, { projection: { _id: 1 }, hint: { _id: 1 } })
    .sort({ _id: 1 })
    .limit(limit + 1)
  if (after) cursor.min({ _id: after.id })
  const ids = (await cursor.toArray()).map(({ _id }) => _id as unknown)
  const first = after && ids.length > 0 && sameId(ids[0], after.id) ? 1 : 0
  return ids.slice(first, first + limit)
}

function sameId(a: unknown, b: unknown): boolean {
  return Buffer.from(BSON.serialize({ a })).equals(Buffer.from(BSON.serialize({ a: b })))
}

/** Which of these rows are there, by their names in `rows`. */
export async function readRowIds(
  store: Store,
  source: InstanceCollection,
  ids: readonly unknown[],
): Promise<Set<string>> {
  const found = await store.client
    .db(source.database)
    .collection(source.collection)
    .find({ _id: { $in: [...ids] } } as object, { projection: { _id: 1 } })
    .toArray()
  return new Set(found.map(({ _id }) => rowId({ ...source, _id })))
}

export async function countRows(store: Store, { database, collection }: SourceCollection): Promise<number> {
  return store.client.db(database).collection(collection).estimatedDocumentCount()
}

/** The forms in which a column may hold this key. */
export function formsOf(text: string): unknown[] {
  const forms: unknown[] = [text]
  if (/^(0|-?[1-9]\d{0,14})$/.test(text)) forms.push(Number(text))
  else if (/^-?\d{16,19}$/.test(text)) forms.push(Long.fromString(text))
  if (/^[0-9a-f]{24}$/.test(text)) forms.push(new ObjectId(text))
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text)) forms.push(new Date(text))
  return forms
}

/** The keys a column holds, as text: one, several in an array, or none. */
export function keysOf(value: unknown): string[] {
  if (value === null || value === undefined || value === '') return []
  if (Array.isArray(value)) return (value as unknown[]).flatMap(keysOf)
  if (value instanceof Date) return [value.toISOString()]
  if (value instanceof ObjectId) return [value.toHexString()]
  if (value instanceof Decimal128 || value instanceof Long) return [value.toString()]
  const isPlain = ['string', 'number', 'boolean', 'bigint'].includes(typeof value)
  return isPlain ? [`${value as string | number | boolean | bigint}`] : []
}

export function hashRow(row: Row): string {
  return hash('sha256', BSON.serialize(row), 'base64').slice(0, 22)
}
