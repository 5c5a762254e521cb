/**
 * Indexes on the source collections: the columns rows are joined by and the first column of each primary key.
 *
 * Without them every join would read a whole collection of the clinic's. An index the clinic made on the same column
 * serves as well; a collection that is not there yet is left to whoever makes it.
 */
import type { IndexDescriptionInfo } from 'mongodb'
import type { Store } from './collections.ts'
import { MAKING } from './connection.ts'

export interface WantedIndexes {
  readonly database: string
  readonly collection: string
  readonly columns: readonly string[]
}

/** Gives the names of the indexes it made; undefined when the collection is not there. */
export async function makeSourceIndexes(store: Store, wanted: WantedIndexes): Promise<string[] | undefined> {
  const db = store.client.db(wanted.database)
  const [info] = await db.listCollections({ name: wanted.collection }).toArray()
  if (info?.type !== 'collection') return undefined
  const collection = db.collection(wanted.collection)
  const there = (await collection.listIndexes().toArray()) as IndexDescriptionInfo[]
  const usable = there.filter((index) => !index.sparse && !index.partialFilterExpression)
  const served = new Set(usable.map((index) => Object.keys(index.key)[0]))
  const missing = [...new Set(wanted.columns)].filter((column) => !served.has(column))
  if (missing.length === 0) return []
  return collection.createIndexes(
    missing.map((column) => ({ key: { [column]: 1 } })),
    MAKING,
  )
}
