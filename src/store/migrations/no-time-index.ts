/** Version 4: no index on the time of the last change; what it found is found along the versions (time-walk.ts). */
import { MongoServerError } from 'mongodb'
import type { Migration } from './migration.ts'

const INDEX_NOT_FOUND = 27

export const dropTimeIndex: Migration = {
  to: 4,
  title: 'No index on the time of the last change',
  async run({ resources }) {
    try {
      await resources.dropIndex('updated')
    } catch (error) {
      // Dropped by a start that was killed then, or by another gateway
      if (!(error instanceof MongoServerError) || error.code !== INDEX_NOT_FOUND) throw error
    }
  },
}
