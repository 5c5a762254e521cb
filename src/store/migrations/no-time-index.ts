/** Version 4: no index on the time of the last change; what it found is found along the versions (time-walk.ts). */
import { dropIndex } from './drop-index.ts'
import type { Migration } from './migration.ts'

export const dropTimeIndex: Migration = {
  to: 4,
  title: 'No index on the time of the last change',
  run: ({ resources }) => dropIndex(resources, 'updated'),
}
