/** Sees to the indexes that joins and keys need, where a collection exists or once it does. */
import { makeSourceIndexes } from '../store/source-indexes.ts'
import type { Leader } from './commit.ts'
import type { CollectionPlan } from './plan.ts'

const seen = new WeakSet<CollectionPlan>()

export async function makeIndexes(
  { store, plan, log }: Leader,
  collections: Iterable<CollectionPlan> = plan.collections.values(),
): Promise<void> {
  for (const collection of collections) {
    if (seen.has(collection)) continue
    const columns = [...collection.joinedBy, ...collection.key.slice(0, 1), ...collection.sought]
    try {
      const made = await makeSourceIndexes(store, { ...collection, columns })
      if (made) seen.add(collection)
      if (made && made.length > 0)
        log.info({ instance: collection.instance, collection: collection.collection, indexes: made }, 'made indexes')
    } catch (error) {
      seen.add(collection)
      log.warn(
        { err: error, instance: collection.instance, collection: collection.collection },
        'indexes could not be made; joins will be slow',
      )
    }
  }
}
