/** Makes the search keys of resources again, as this release makes them. */
import { searchKeys } from '../r4/search-keys.ts'
import { parseJson } from '../r4/json.ts'
import type { JsonObject } from '../r4/element-paths.ts'
import { blindSealed } from '../seal/sealed-text.ts'
import type { Store } from './collections.ts'
import type { ResourceDocument } from './documents.ts'

type Renewable = Pick<ResourceDocument, '_id' | 'v' | 'body'>

/** `<tenant>/<Type>` of every tenant that has resources of the type. */
async function placesOf({ resources }: Store, type: string): Promise<string[]> {
  const all = await resources.distinct('tt')
  return all.filter((tt) => tt.endsWith(`/${type}`)).sort()
}

export async function countOfType(store: Store, type: string): Promise<number> {
  const places = await placesOf(store, type)
  return places.length === 0 ? 0 : store.resources.countDocuments({ tt: { $in: places }, deleted: false })
}

/** The next of all tenants, in the order of their `_id`s. */
export async function nextOfType(store: Store, type: string, after: string, limit: number): Promise<Renewable[]> {
  for (const tt of await placesOf(store, type)) {
    const from = after > `${tt}/` ? after : `${tt}/`
    // `0` follows `/`: all ids of this tenant and type come before
    const found = await store.resources
      .find({ _id: { $gt: from, $lt: `${tt}0` }, deleted: false }, { projection: { v: 1, body: 1 } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray()
    if (found.length > 0) return found
  }
  return []
}

/** What was written meanwhile has its keys already: a version that is not there any more is left alone. */
export async function renewKeys({ resources, seals }: Store, found: readonly Renewable[]): Promise<void> {
  const updates = found.map(({ _id, v, body }) => ({
    updateOne: {
      filter: { _id, v },
      update: {
        $set: searchKeys(parseJson(blindSealed(seals, _id, body)) as JsonObject),
        $unset: { keyHash: 1 } as const,
      },
    },
  }))
  if (updates.length > 0) await resources.bulkWrite(updates, { ordered: false })
}
