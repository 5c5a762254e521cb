/** Version 13: numbers of resources that have any, and what is to be sent in the order in which it is handed out. */
import { dropIndex } from './drop-index.ts'
import type { Migration } from './migration.ts'

export const smallerIndexes: Migration = {
  to: 13,
  title: 'Indexes of numbers hold the resources that have any',
  async run({ owed, resources }) {
    for (const name of ['numbers', 'numbers-to']) await dropIndex(resources, name)
    await dropIndex(owed, 'open')
  },
}
