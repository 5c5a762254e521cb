/** Handles of source collections, made once: the driver works out the options of each anew. */
import type { Collection } from 'mongodb'
import type { Store } from './collections.ts'

const handles = new WeakMap<Store['client'], Map<string, Collection>>()

export function sourceCollection(
  { client }: Store,
  { database, collection }: { readonly database: string; readonly collection: string },
): Collection {
  const own = handles.get(client) ?? new Map<string, Collection>()
  handles.set(client, own)
  const name = `${database}.${collection}`
  const known = own.get(name) ?? client.db(database).collection(collection)
  own.set(name, known)
  return known
}
