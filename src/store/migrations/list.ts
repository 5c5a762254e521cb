/** Every migration, oldest first. What versions 2 and 3 did, the last step does again. */
import { rememberIndexing } from './indexing.ts'
import type { Migration } from './migration.ts'
import { dropTimeIndex } from './no-time-index.ts'

export const migrations: readonly Migration[] = [dropTimeIndex, rememberIndexing]
