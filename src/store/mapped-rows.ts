/**
 * Source rows, found by what they give: a search over resources with the reader's Permit says which rows may be seen, and
 * only those are read. So there is no way to a row that is not a way to its resource.
 */
import type { Filter, Sort } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { Deadline } from '../kernel/deadline.ts'
import type { Row } from '../mapping/lens.ts'
import type { Store } from './collections.ts'
import type { ResourceDocument } from './documents.ts'
import { permitted } from './permit-filter.ts'
import { readRowDocuments } from './projected.ts'
import { idText } from './row-id.ts'
import { readRowsAmong } from './row-reads.ts'
import { opened } from './sealed-bodies.ts'
import type { SourceCollection } from './source-rows.ts'

/** Rows of one mapping. */
export interface MappedPlace {
  /** `sop/case` */
  readonly mapping: string
  readonly type: string
  readonly source: SourceCollection
}

export interface MappedQuery {
  readonly filter?: Filter<ResourceDocument>
  readonly sort?: Sort
  readonly skip?: number
  readonly limit: number
}

export type Time = Pick<Deadline, 'left' | 'signal'>

export interface MappedRow extends Pick<ResourceDocument, '_id' | 'v' | 'u' | 'body' | 'o'> {
  readonly row: Row
}

/** In the order of the resources. A row that went away meanwhile is left out. */
export async function findMapped(
  store: Store,
  permit: Permit,
  place: MappedPlace,
  { filter = {}, sort = { _id: 1 }, skip = 0, limit }: MappedQuery,
  { left: maxTimeMS, signal }: Time,
): Promise<MappedRow[]> {
  const projection = { v: 1, u: 1, body: 1, o: 1, 'origin.row': 1 }
  const found = await store.resources
    .find(mappedFilter(permit, place, filter), { projection, maxTimeMS, signal })
    .sort(sort)
    .skip(skip)
    .limit(limit)
    .toArray()
  const rows = await rowsOf(store, place.source, found)
  return found.flatMap((document) => {
    const row = rows.get(document.origin?.row ?? '')
    const { _id, v, u, o } = document
    return row ? [{ _id, v, u, o, body: opened(store, document).body, row }] : []
  })
}

export async function countMapped(
  store: Store,
  permit: Permit,
  place: MappedPlace,
  filter: Filter<ResourceDocument>,
  { left: maxTimeMS, signal }: Time,
): Promise<number> {
  return store.resources.countDocuments(mappedFilter(permit, place, filter), { maxTimeMS, signal })
}

export function mappedFilter(
  permit: Permit,
  { type, mapping }: MappedPlace,
  filter: Filter<ResourceDocument>,
): Filter<ResourceDocument> {
  const own = { tt: `${permit.tenant}/${type}`, deleted: false, 'origin.mapping': mapping } as Filter<ResourceDocument>
  return permitted(permit, { ...own, ...filter })
}

/** By their name in `rows`. */
export async function rowsOf(
  store: Store,
  source: SourceCollection,
  found: readonly Pick<ResourceDocument, 'origin'>[],
): Promise<Map<string, Row>> {
  const names = found.flatMap(({ origin }) => origin?.row ?? [])
  if (names.length === 0) return new Map()
  const documents = await readRowDocuments(store, names, undefined)
  const ids = documents.map(({ row }) => row)
  const rows = await readRowsAmong(store, source, '_id', ids, undefined)
  const byId = new Map(rows.map((row) => [idText(row['_id']), row]))
  return new Map(
    documents.flatMap(({ _id, row }) => (byId.has(idText(row)) ? [[_id, byId.get(idText(row)) as Row]] : [])),
  )
}

/** When the gateway made the first version of each resource. */
export async function firstSeen(store: Store, ids: readonly string[]): Promise<Map<string, Date>> {
  if (ids.length === 0) return new Map()
  const first = ids.map((id) => `${id}/0000000001`)
  const found = await store.versions.find({ _id: { $in: first } }, { projection: { u: 1 } }).toArray()
  return new Map(found.map(({ _id, u }) => [_id.slice(0, _id.lastIndexOf('/')), u]))
}
