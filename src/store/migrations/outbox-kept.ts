/** Version 10: rows of the outbox stay until they are relayed, however long that takes. */
import { MongoServerError } from 'mongodb'
import type { Migration } from './migration.ts'

const INDEX_NOT_FOUND = 27

export const keepOutbox: Migration = {
  to: 10,
  title: 'Rows of the outbox are kept until they are relayed',
  async run({ outbox }) {
    try {
      await outbox.dropIndex('at')
    } catch (error) {
      // Dropped by a start that was killed then, or by another gateway
      if (!(error instanceof MongoServerError) || error.code !== INDEX_NOT_FOUND) throw error
    }
  },
}
