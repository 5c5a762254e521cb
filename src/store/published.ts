/** Which definitions each tenant was given last: one document of `meta` a tenant. */
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'

const PREFIX = 'definitions/'

export interface Published {
  readonly hash: string
  /** `<Type>/<id>` of each */
  readonly places: readonly string[]
}

/** Tenants of source rows, and of `always`, that were given something else, or nothing yet. */
export async function tenantsWithout(store: Store, always: readonly string[], hash: string): Promise<string[]> {
  // `0` follows `/`: the range of all ids that start with the prefix
  const current = store.meta.find({ _id: { $gt: PREFIX, $lt: 'definitions0' }, hash }, { projection: { _id: 1 } })
  const given = new Set((await current.toArray()).map(({ _id }) => _id.slice(PREFIX.length)))
  const tenants = (await store.tenants.find({}, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id)
  return [...new Set([...always, ...tenants])].filter((tenant) => !given.has(tenant)).sort()
}

export async function readPublished(
  store: Store,
  tenant: string,
  session: ClientSession,
): Promise<Published | undefined> {
  const found = await store.meta.findOne({ _id: PREFIX + tenant }, { session })
  return found?.hash === undefined ? undefined : { hash: found.hash, places: found.places ?? [] }
}

export async function writePublished(
  store: Store,
  tenant: string,
  published: Published,
  session: ClientSession,
): Promise<void> {
  await store.meta.updateOne({ _id: PREFIX + tenant }, { $set: { ...published } }, { session, upsert: true })
}
