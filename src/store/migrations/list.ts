/** Every migration, oldest first. What versions 2 and 3 did, the one to version 5 does again. */
import { rememberIndexing } from './indexing.ts'
import { jobPermits } from './job-permits.ts'
import type { Migration } from './migration.ts'
import { dropTimeIndex } from './no-time-index.ts'
import { sealedSecrets } from './sealed-secrets.ts'
import { oneOpenIndex } from './one-open-index.ts'
import { keepOutbox } from './outbox-kept.ts'
import { smallerIndexes } from './smaller-indexes.ts'
import { casesPermission, settingsPermission, staffPermissions } from './staff-permissions.ts'

export const migrations: readonly Migration[] = [
  dropTimeIndex,
  rememberIndexing,
  jobPermits,
  sealedSecrets,
  staffPermissions,
  settingsPermission,
  keepOutbox,
  casesPermission,
  oneOpenIndex,
  smallerIndexes,
]
