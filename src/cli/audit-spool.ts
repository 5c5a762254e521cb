/** Where the audit of reads waits for the database, in the data directory of this gateway. */
import { join } from 'node:path'
import { Spool } from '../audit/spool.ts'
import type { Config } from '../config/config.ts'
import type { Logger } from '../kernel/logger.ts'
import { isOwnerDead, ownerName } from '../projection/owner.ts'
import { addAudit } from '../store/audit.ts'
import type { Store } from '../store/collections.ts'

export function auditSpool({ dataDir, limits }: Config, store: Store, log: Logger): Spool {
  return new Spool({
    folder: join(dataDir, 'audit'),
    ...{ owner: ownerName(), isDead: isOwnerDead, log },
    mostBytes: limits.auditSpoolBytes,
    add: (events) => addAudit(store, events),
  })
}
