/** The FHIR API with everything that is asked of it on record, in a folder and a database of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Spool } from '../../src/audit/spool.ts'
import { isOwnerDead, ownerName } from '../../src/store/owner.ts'
import { addAudit } from '../../src/store/audit.ts'
import type { AuditDocument } from '../../src/store/audit-documents.ts'
import type { Store } from '../../src/store/collections.ts'
import type { FhirServer, FhirServerOptions } from './fhir-server.ts'
import { startFhirServer } from './fhir-server.ts'

export interface AuditServer extends FhirServer {
  readonly spool: Spool
  /** of the spool */
  readonly folder: string
  /** What is put on record while `work` is done, as soon as it is in the database. */
  during(work: () => Promise<unknown>): Promise<AuditDocument[]>
}

export async function startAuditServer(options: FhirServerOptions = {}): Promise<AuditServer> {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-audit-'))
  const spools: Spool[] = []
  const server = await startFhirServer({
    ...options,
    audit(store, log) {
      const add = (events: readonly AuditDocument[]): Promise<void> => addAudit(store, events)
      const spool = new Spool({ folder, owner: ownerName(), isDead: isOwnerDead, mostBytes: 1e6, add, log })
      spools.push(spool)
      return spool
    },
  })
  const [spool] = spools as [Spool]
  return Object.assign(server, {
    ...{ spool, folder },
    during: (work: () => Promise<unknown>) => during(server.store, work),
    stop: stopping(server, spool, folder),
  })
}

function stopping(server: FhirServer, spool: Spool, folder: string): () => Promise<void> {
  const stop = server.stop.bind(server)
  return async () => {
    await spool.close()
    await stop()
    rmSync(folder, { recursive: true })
  }
}

/** Longer than the spool takes to be looked at again. */
const QUIET = 450

async function during({ audit }: Store, work: () => Promise<unknown>): Promise<AuditDocument[]> {
  const events = { kind: { $exists: true } }
  const before = new Set((await audit.find(events).toArray()).map(({ _id }) => _id))
  // What was asked for before may still be on its way
  const began = new Date()
  await work()
  await sleep(QUIET)
  const after = await audit.find(events).sort({ _id: 1 }).toArray()
  return after.filter(({ _id, at }) => at >= began && !before.has(_id))
}
