/** Resources as they are, for work that the gateway does by itself: by id, or one after the other. */
import type { ClientSession, Filter } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { Store } from './collections.ts'
import type { ResourceDocument } from './documents.ts'
import { permitted } from './permit-filter.ts'
import { opened } from './sealed-bodies.ts'

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
