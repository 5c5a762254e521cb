/** Writes audit events, with a commit or by themselves. */
import type { ClientSession } from 'mongodb'
import { MongoBulkWriteError } from 'mongodb'
import type { AuditDocument } from './audit-documents.ts'
import type { Store } from './collections.ts'

const DUPLICATE_KEY = 11_000

/** In the transaction of what they tell of. */
export async function writeAudit(
  { audit }: Store,
  events: readonly AuditDocument[],
  session: ClientSession,
): Promise<void> {
  if (events.length > 0) await audit.insertMany([...events], { session, ordered: false })
}

/** Of what is over. An event that is there already is left as it is: whoever was interrupted does it again. */
export async function addAudit({ audit }: Store, events: readonly AuditDocument[]): Promise<void> {
  if (events.length === 0) return
  try {
    await audit.insertMany([...events], { ordered: false, writeConcern: { w: 'majority', journal: true } })
  } catch (error) {
    const isOnlyThere =
      error instanceof MongoBulkWriteError &&
      [error.writeErrors].flat().every(({ code }) => code === DUPLICATE_KEY) &&
      error.result.getWriteConcernError() === undefined
    if (!isOnlyThere) throw error
  }
}
