/** Resources as they are, for work that the gateway does by itself: by id, or one after the other. */
import type { ClientSession, Filter } from 'mongodb'
import { everythingOf } from '../access/permit.ts'
import type { Permit } from '../access/permit.ts'
import type { Store } from './collections.ts'
import type { ResourceDocument, VersionDocument } from './documents.ts'
import { MOST_BY_ID, gatheredNow } from './gathered.ts'
import { permitted } from './permit-filter.ts'
import { opened, openedVersion } from './sealed-bodies.ts'

export type PlainResource = Pick<ResourceDocument, '_id' | 't' | 'deleted' | 'body' | 'origin'>

const PROJECTION = { t: 1, deleted: 1, body: 1, origin: 1 }

export async function readPlain(
  store: Store,
  permit: Permit,
  ids: readonly string[],
  session?: ClientSession,
): Promise<PlainResource[]> {
  if (ids.length === 0) return []
  const options = { projection: PROJECTION, ...(session && { session }) }
  const found = await store.resources.find(permitted(permit, { _id: { $in: [...ids] } }), options).toArray()
  return found.map((document) => opened(store, document))
}

/** Those that fit, who was written the longest ago first. */
export async function findPlain(
  store: Store,
  permit: Permit,
  type: string,
  filter: Filter<ResourceDocument>,
  limit: number,
): Promise<PlainResource[]> {
  const own = { tt: `${permit.tenant}/${type}`, deleted: false } as Filter<ResourceDocument>
  const found = await store.resources
    .find(permitted(permit, { ...own, ...filter }), { projection: { ...PROJECTION, u: 1 } })
    .sort({ u: 1 })
    .limit(limit)
    .toArray()
  return found.map((document) => opened(store, document))
}

export type PlainVersion = Pick<VersionDocument, '_id' | 'v' | 'u' | 'method' | 'body' | 'by'>

/** Versions by their `_id`s, for work that may see everything of a tenant. */
export async function readPlainVersions(
  store: Store,
  tenant: string,
  ids: readonly string[],
  session?: ClientSession,
): Promise<Map<string, PlainVersion>> {
  if (ids.length === 0) return new Map()
  const options = { projection: { v: 1, u: 1, method: 1, body: 1, by: 1 }, ...(session && { session }) }
  const found = await store.versions.find({ _id: { $in: [...ids] }, t: tenant }, options).toArray()
  return new Map(found.map((version) => [version._id, openedVersion(store, version)]))
}

/** One by its `_id`, for work that may see everything of a tenant. */
export function plainReader(store: Store): (id: string) => Promise<PlainResource | undefined> {
  return gatheredNow(async (ids) => {
    const byTenant = Map.groupBy(new Set(ids), (id) => id.slice(0, id.indexOf('/')))
    const found = await Promise.all([...byTenant].map(([tenant, own]) => readPlain(store, everythingOf(tenant), own)))
    const byId = new Map(found.flat().map((each) => [each._id, each]))
    return ids.map((id) => byId.get(id))
  }, MOST_BY_ID)
}

/** Ids of those of a type that fit, in pages. */
export async function* plainIds(
  store: Store,
  permit: Permit,
  type: string,
  filter: Filter<ResourceDocument>,
  pageSize: number,
): AsyncGenerator<string[]> {
  const tt = `${permit.tenant}/${type}`
  const cursor = store.resources.find(permitted(permit, { tt, ...filter }), { projection: { _id: 1 } })
  let page: string[] = []
  for await (const { _id } of cursor.batchSize(pageSize)) {
    page.push(_id)
    if (page.length < pageSize) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
