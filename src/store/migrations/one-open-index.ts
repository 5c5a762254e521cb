/** Version 12: one index on what is still to be sent; every message that was sent had cost entries of two. */
import { dropIndex } from './drop-index.ts'
import type { Migration } from './migration.ts'

export const oneOpenIndex: Migration = {
  to: 12,
  title: 'One index on what is still to be sent',
  async run({ owed }) {
    for (const name of ['due', 'due-of-tenant']) await dropIndex(owed, name)
  },
}
