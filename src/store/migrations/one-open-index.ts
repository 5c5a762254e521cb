/** Version 12: one index on what is still to be sent; every message that was sent had cost entries of two. */
import { MongoServerError } from 'mongodb'
import type { Migration } from './migration.ts'

const INDEX_NOT_FOUND = 27

export const oneOpenIndex: Migration = {
  to: 12,
  title: 'One index on what is still to be sent',
  async run({ owed }) {
    for (const name of ['due', 'due-of-tenant']) {
      try {
        await owed.dropIndex(name)
      } catch (error) {
        // Dropped by a start that was killed then, or by another gateway
        if (!(error instanceof MongoServerError) || error.code !== INDEX_NOT_FOUND) throw error
      }
    }
  },
}
