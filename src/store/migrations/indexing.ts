/** Version 5: which search parameters all resources have keys of. Those of R4: the steps before saw to it. */
import { standardHashes } from '../../r4/parameter-hashes.ts'
import { beginIndexing } from '../indexing.ts'
import type { Migration } from './migration.ts'

export const rememberIndexing: Migration = {
  to: 5,
  title: 'Which search parameters are built',
  run: (store) => beginIndexing(store, standardHashes()),
}
