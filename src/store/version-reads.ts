/** Pages of versions: histories, and what was current at a time. */
import type { ClientSession, Filter, Sort } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Store } from './collections.ts'
import { currentSince } from './current-versions.ts'
import type { VersionDocument } from './documents.ts'
import type { ReadOptions } from './moment.ts'
import { placesSeen } from './permit-filter.ts'
import { openedVersion } from './sealed-bodies.ts'
import { seenVersions } from './version-permit.ts'

export type StoredVersion = Pick<VersionDocument, '_id' | 'tt' | 'v' | 'u' | 'method' | 'body'>

export interface VersionPage {
  readonly filter: Filter<VersionDocument>
  readonly sort: Sort
  readonly limit: number
  /** only what was current then or later */
  readonly since?: Date | undefined
}

/** Versions looked at for one page, of which some are not to be seen. */
const MOST_LOOKED_AT = 20_000
const LEAST_AT_ONCE = 100

/** Those that may be seen, opened. */
export async function versions(
  store: Store,
  permit: Permit,
  page: VersionPage,
  options: ReadOptions,
): Promise<StoredVersion[]> {
  return (await seenOnPage(store, permit, page, options)).map((version) => openedVersion(store, version))
}

async function seenOnPage(
  store: Store,
  permit: Permit,
  page: VersionPage,
  options: ReadOptions,
): Promise<StoredVersion[]> {
  const { filter, isWhole } = permitted(permit, page.filter)
  if (isWhole) return readVersions(store, { ...page, filter }, options)
  const found: StoredVersion[] = []
  const limit = Math.max(page.limit, LEAST_AT_ONCE)
  let rest = filter
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += limit) {
    const read = await readVersions(store, { ...page, filter: rest, limit }, options)
    found.push(...(await seenVersions(store, permit, read, options)))
    const last = read.at(-1)
    if (found.length >= page.limit || !last || read.length < limit) return found.slice(0, page.limit)
    rest = { $and: [filter, { $or: [{ u: { $lt: last.u } }, { u: last.u, _id: { $lt: last._id } }] }] }
  }
  throw new GatewayError(
    'GW_TOO_COSTLY',
    'Most of this history is not for you to see: ask for that of one resource, or of a shorter time (_since).',
  )
}

function readVersions(
  store: Store,
  { filter, sort, limit, since }: VersionPage,
  options: ReadOptions,
): Promise<StoredVersion[]> {
  if (!since) return store.versions.find(filter, options).sort(sort).limit(limit).toArray()
  const stages = [{ $match: filter }, { $sort: sort as Record<string, 1 | -1> }, ...currentSince(since)]
  return store.versions.aggregate<StoredVersion>([...stages, { $limit: limit }], options).toArray()
}

/** Undefined where each would have to be looked at. */
export async function countVersions(
  store: Store,
  permit: Permit,
  asked: Filter<VersionDocument>,
  since: Date | undefined,
  options: ReadOptions,
): Promise<number | undefined> {
  const { filter, isWhole } = permitted(permit, asked)
  if (!isWhole) return undefined
  if (!since) return store.versions.countDocuments(filter, options)
  const stages = [{ $match: filter }, ...currentSince(since), { $count: 'n' }]
  const [count] = await store.versions.aggregate<{ n: number }>(stages, options).toArray()
  return count?.n ?? 0
}

/** `isWhole`: all that fits may be seen. */
function permitted(
  permit: Permit,
  asked: Filter<VersionDocument>,
): { readonly filter: Filter<VersionDocument>; readonly isWhole: boolean } {
  const places = placesSeen(permit, asked)
  const seen = places === 'all' ? { t: permit.tenant } : { t: permit.tenant, tt: { $in: places.map(({ tt }) => tt) } }
  const isWhole = places === 'all' || places.every((each) => each.isWhole)
  return { filter: { $and: [seen, asked] }, isWhole }
}

/** Those there are, as they are stored: whether they may be seen is told by version-permit.ts. */
export function namedVersions(
  { versions: all }: Store,
  names: readonly string[],
  session?: ClientSession,
): Promise<VersionDocument[]> {
  return all.find({ _id: { $in: [...new Set(names)] } }, session && { session }).toArray()
}
