/** Drops an index of an earlier release. */
import type { Collection, Document } from 'mongodb'
import { MongoServerError } from 'mongodb'

const INDEX_NOT_FOUND = 27

export async function dropIndex<T extends Document>(collection: Collection<T>, name: string): Promise<void> {
  try {
    await collection.dropIndex(name)
  } catch (error) {
    // Dropped by a start that was killed then, or by another gateway
    if (!(error instanceof MongoServerError) || error.code !== INDEX_NOT_FOUND) throw error
  }
}
