/** The audit of a program that runs long: where reads wait for the database, in the data directory, and who links events. */
import { join } from 'node:path'
import { Sealer } from '../audit/sealer.ts'
import { Spool } from '../audit/spool.ts'
import type { Config } from '../config/config.ts'
import type { Logger } from '../kernel/logger.ts'
import { isOwnerDead, ownerName } from '../store/owner.ts'
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

export function startSealer({ limits }: Pick<Config, 'limits'>, store: Store, log: Logger): Sealer {
  const sealer = new Sealer({ store, owner: ownerName(), isDead: isOwnerDead, log, years: limits.auditYears })
  sealer.start()
  return sealer
}
