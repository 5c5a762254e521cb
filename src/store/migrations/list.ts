/**
 * Every migration, oldest first. Renewing search keys makes those of this release whatever there was before: it is here
 * once. Since there is `indexing`, keys of another form are made in the background instead (KEY_FORMATS).
 */
import { rememberIndexing } from './indexing.ts'
import type { Migration } from './migration.ts'
import { dropTimeIndex } from './no-time-index.ts'
import { renewSearchKeys } from './search-keys.ts'

export const migrations: readonly Migration[] = [
  renewSearchKeys(3, 'Search keys of composites, quantities in base units, and texts without punctuation'),
  dropTimeIndex,
  rememberIndexing,
]
