/** Pages of versions: histories, and what was current at a time. */
import type { Filter, Sort } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { Store } from './collections.ts'
import { currentSince } from './current-versions.ts'
import type { VersionDocument } from './documents.ts'
import type { ReadOptions } from './moment.ts'
import { permitFilter } from './permit-filter.ts'

export type StoredVersion = Pick<VersionDocument, '_id' | 'tt' | 'v' | 'u' | 'method' | 'body'>

export interface VersionPage {
  readonly filter: Filter<VersionDocument>
  readonly sort: Sort
  readonly limit: number
  /** only what was current then or later */
  readonly since?: Date | undefined
}

export function versions(
  store: Store,
  permit: Permit,
  { filter, sort, limit, since }: VersionPage,
  options: ReadOptions,
): Promise<StoredVersion[]> {
  const permitted = { $and: [permitFilter(permit), filter] } as Filter<VersionDocument>
  if (!since) return store.versions.find(permitted, options).sort(sort).limit(limit).toArray()
  const stages = [{ $match: permitted }, { $sort: sort as Record<string, 1 | -1> }, ...currentSince(since)]
  return store.versions.aggregate<StoredVersion>([...stages, { $limit: limit }], options).toArray()
}

export async function countVersions(
  store: Store,
  permit: Permit,
  filter: Filter<VersionDocument>,
  since: Date | undefined,
  options: ReadOptions,
): Promise<number> {
  const permitted = { $and: [permitFilter(permit), filter] } as Filter<VersionDocument>
  if (!since) return store.versions.countDocuments(permitted, options)
  const stages = [{ $match: permitted }, ...currentSince(since), { $count: 'n' }]
  const [count] = await store.versions.aggregate<{ n: number }>(stages, options).toArray()
  return count?.n ?? 0
}
