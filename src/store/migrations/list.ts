/**
 * Every migration, oldest first. Renewing search keys makes those of this release whatever there was before: it is here
 * once, with the version of the last change to their form.
 */
import type { Migration } from './migration.ts'
import { dropTimeIndex } from './no-time-index.ts'
import { renewSearchKeys } from './search-keys.ts'

export const migrations: readonly Migration[] = [
  renewSearchKeys(3, 'Search keys of composites, quantities in base units, and texts without punctuation'),
  dropTimeIndex,
]
