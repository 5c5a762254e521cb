/** What searches and histories read, whichever moment they read it at. */
import type { Document, Filter, Sort } from 'mongodb'
import { everythingOf } from '../access/permit.ts'
import type { Permit } from '../access/permit.ts'
import type { Store } from './collections.ts'
import type { ResourceDocument, VersionDocument } from './documents.ts'
import type { ReadOptions, Reading, Together } from './moment.ts'
import { plainly } from './own-lists.ts'
import { indexFor, permitted, permittedRange } from './permit-filter.ts'
import { storedIn } from './raw.ts'
import type { Stored } from './raw.ts'
import { openedBytes } from './sealed-bodies.ts'
import type { Wanted } from './search-batch.ts'
import { changedWithin, stepFilter, walk } from './time-walk.ts'
import type { Place, TimeSpan } from './time-walk.ts'
import { countVersions, versions } from './version-reads.ts'
import type { StoredVersion, VersionPage } from './version-reads.ts'

/** With the fields that were asked for beside the content. */
export type Found = Stored & Partial<Pick<ResourceDocument, 'o' | 'k'>>

export interface Page {
  readonly filter: Filter<ResourceDocument>
  readonly sort: Sort
  readonly limit: number
  /** fields beside the content that the next page's token or includes need */
  readonly fields: readonly string[]
  /** of the search keys, where they are among the fields, how those begin that are needed; undefined: all */
  readonly keys?: readonly string[]
  /** fields to sort by that no document has, made of those it has */
  readonly made?: Document
  /** few resources fit: the search may share a command with others of its kind */
  readonly few?: boolean
}

export interface Counting {
  readonly filter: Filter<ResourceDocument>
  /** where counting ends, if anywhere */
  readonly most: number
  readonly few?: boolean
}

/** In the order of time: the first field of the page's sort is `u`. */
export interface TimePage extends Page {
  readonly types: readonly string[]
  readonly span: TimeSpan
  readonly direction: 1 | -1
}

/** Of so many types the changes are merged as they come; of more, those of all are gone through. */
const MOST_MERGED = 8

export type KeyRange = readonly [from: string, to: string]

/** What searches and histories are made of; all of it reads one moment where it was had by `atMoment`. */
export interface SearchReader {
  find(permit: Permit, page: Page): Promise<Found[]>
  /** The same, for filters that many fit: goes along the changes until the page is full. */
  findInTime(permit: Permit, page: TimePage): Promise<Found[]>
  /** `_id`s of what was changed in the span, and maybe again since; undefined when more than `limit` changes are in it. */
  changed(permit: Permit, types: readonly string[], span: TimeSpan, limit: number): Promise<string[] | undefined>
  count(permit: Permit, counting: Counting): Promise<number>
  /** `_id`s of what fits. */
  identify(permit: Permit, filter: Filter<ResourceDocument>, limit: number): Promise<string[]>
  /** The search keys, each once, from the first of a range to before the second, of what fits. */
  keysWithin(
    permit: Permit,
    filter: Filter<ResourceDocument>,
    ranges: readonly KeyRange[],
    limit: number,
  ): Promise<string[]>
  versions(permit: Permit, page: VersionPage): Promise<StoredVersion[]>
  /** Undefined where it takes too much to know. */
  countVersions(permit: Permit, filter: Filter<VersionDocument>, since?: Date): Promise<number | undefined>
}

export interface MomentReader extends SearchReader {
  /** which moment; undefined until something was read */
  time(): string | undefined
}

export const content = { v: 1, u: 1, deleted: 1, body: 1 } as const

export function searchReader(store: Store, reading: Reading, together?: Together): SearchReader {
  return {
    find: (permit, page) =>
      openedAll(
        store,
        page.few && together && !page.made
          ? (together({ ...orderOf(page), ...sharedOf(permit, page.filter, permitted) }) as Promise<Found[]>)
          : reading((options) => find(store, permit, page, options)),
      ),
    findInTime: (permit, page) => openedAll(store, findInTime(store, permit, page, reading)),
    changed: (permit, types, span, limit) => changedWithin(store, placeOf(permit, types), span, limit, reading),
    count: (permit, counting) => count(store, { reading, together }, permit, counting),
    identify: (permit, filter, limit) => reading((options) => identify(store, permit, filter, limit, options)),
    keysWithin: (permit, filter, ranges, limit) =>
      reading((options) => keysWithin(store, permit, filter, ranges, limit, options)),
    versions: (permit, page) => reading((options) => versions(store, permit, page, options)),
    countVersions: (permit, filter, since) =>
      reading((options) => countVersions(store, permit, filter, since, options)),
  }
}

async function openedAll(store: Store, found: Promise<readonly Found[]>): Promise<Found[]> {
  return (await found).map((each) => openedBytes(store, each))
}

/** What of each document, and in which order. */
function orderOf({ sort, limit, fields, keys }: Page): Pick<Wanted, 'sort' | 'limit' | 'projection' | 'keys'> {
  const projection = { ...content, ...Object.fromEntries(fields.map((field) => [field, 1 as const])) }
  return { sort, limit, projection, ...(keys && { keys }) }
}

/** What shares a command asks as little as it can. */
function sharedOf(
  permit: Permit,
  filter: Filter<ResourceDocument>,
  within: typeof permitted,
): Pick<Wanted, 'filter' | 'beside'> {
  const plain = plainly(permit, filter)
  if (!plain) return { filter: within(permit, filter) }
  const whole = (): Filter<ResourceDocument> => within(permit, filter)
  return { filter: within(everythingOf(permit.tenant), plain.filter), beside: { ...plain.beside, whole } }
}

async function find(
  { resources }: Store,
  permit: Permit,
  page: Page,
  options: ReadOptions & { readonly hint?: object },
): Promise<Found[]> {
  const { sort, limit, projection } = orderOf(page)
  const filter = permitted(permit, page.filter)
  if (page.made) {
    const sorted = [{ $addFields: page.made }, { $sort: sort }, { $limit: limit }]
    const stages = [{ $match: filter }, ...sorted, { $project: projection }]
    return foundIn(resources.aggregate(stages, { ...options, allowDiskUse: true, raw: true }))
  }
  const hint = options.hint ?? indexFor(permit, page.filter)
  const how = { ...(projection && { projection }), ...(hint !== undefined && { hint }) }
  const given = { ...options, ...how, allowDiskUse: true, raw: true }
  return foundIn(resources.find(filter, given).sort(sort).limit(limit))
}

async function foundIn(cursor: { toArray(): Promise<Document[]> }): Promise<Found[]> {
  return storedIn(await cursor.toArray()) as Found[]
}

async function findInTime(
  store: Store,
  permit: Permit,
  { types, span, direction, ...page }: TimePage,
  reading: Reading,
): Promise<Found[]> {
  const found: Found[] = []
  const way = { place: placeOf(permit, types), span, direction, first: 2 * page.limit }
  for await (const step of walk(store, way, reading)) {
    const filter = { $and: [page.filter, stepFilter(step)] } as Filter<ResourceDocument>
    const rest = { ...page, filter, limit: page.limit - found.length }
    const hint = step.ids && { hint: { _id: 1 } as const }
    found.push(...(await reading((options) => find(store, permit, rest, { ...options, ...hint }))))
    if (found.length === page.limit) break
  }
  return found
}

function placeOf({ tenant }: Permit, types: readonly string[]): Place {
  const [tt = '', ...others] = types.map((type) => `${tenant}/${type}`)
  if (others.length === 0) return { tt }
  return types.length > MOST_MERGED ? { t: tenant } : { tt: { $in: [tt, ...others] } }
}

interface Ways {
  readonly reading: Reading
  readonly together: Together | undefined
}

async function count(
  { resources }: Store,
  { reading, together }: Ways,
  permit: Permit,
  { filter, most, few = false }: Counting,
): Promise<number> {
  if (few && together) {
    const asked = sharedOf(permit, filter, permittedRange)
    const [counted] = await together({ ...asked, sort: {}, limit: most, projection: undefined })
    return (counted as { readonly count: number } | undefined)?.count ?? 0
  }
  const ranged = permittedRange(permit, filter)
  const limit = most < Infinity ? { limit: most } : {}
  return reading((options) => resources.countDocuments(ranged, { ...options, ...limit }))
}

async function identify(
  { resources }: Store,
  permit: Permit,
  filter: Filter<ResourceDocument>,
  limit: number,
  options: ReadOptions,
): Promise<string[]> {
  const wanted = { ...options, projection: { _id: 1 }, limit }
  const found = await resources.find(permittedRange(permit, filter), wanted).toArray()
  return found.map(({ _id }) => _id)
}

async function keysWithin(
  { resources }: Store,
  permit: Permit,
  filter: Filter<ResourceDocument>,
  ranges: readonly KeyRange[],
  limit: number,
  options: ReadOptions,
): Promise<string[]> {
  const within = { $or: ranges.map(([from, to]) => ({ $and: [{ $gte: ['$$key', from] }, { $lt: ['$$key', to] }] })) }
  const stages = [
    { $match: permitted(permit, filter) },
    { $project: { k: { $filter: { input: '$k', as: 'key', cond: within } } } },
    { $unwind: '$k' },
    { $group: { _id: '$k' } },
    { $limit: limit },
  ]
  return (await resources.aggregate<{ _id: string }>(stages, options).toArray()).map(({ _id }) => _id)
}
