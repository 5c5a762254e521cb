/**
 * Version 5: which search parameters all resources have keys of. Those of R4: all keys are made as this release makes them,
 * whatever there was before. Later changes of their form are made in the background instead (KEY_FORMATS).
 */
import { standardHashes } from '../../r4/parameter-hashes.ts'
import { beginIndexing } from '../indexing.ts'
import type { Migration } from './migration.ts'
import { renewAllKeys } from './search-keys.ts'

export const rememberIndexing: Migration = {
  to: 5,
  title: 'Search keys as this release makes them, and which search parameters are built',
  async run(store) {
    await renewAllKeys(store)
    await beginIndexing(store, standardHashes())
  },
}
