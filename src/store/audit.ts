/** Writes audit events, with a commit or by themselves; each with a note that it is to be linked (audit-chain.ts). */
import type { ClientSession } from 'mongodb'
import type { AuditDocument, AuditNote } from './audit-documents.ts'
import type { Store } from './collections.ts'
import { isDuplicate } from './failures.ts'
import { inTransaction } from './transaction.ts'

/** In the transaction of what they tell of. */
export async function writeAudit(
  { audit }: Store,
  events: readonly AuditDocument[],
  session: ClientSession,
): Promise<void> {
  if (events.length === 0) return
  const documents: (AuditDocument | AuditNote)[] = [...events, ...notesOf(events)]
  await audit.insertMany(documents as AuditDocument[], { session, ordered: false })
}

function notesOf(events: readonly AuditDocument[]): AuditNote[] {
  return [...Map.groupBy(events, ({ t }) => t)].map(([t, own]) => {
    const open = own.map(({ _id }) => _id.slice(t.length + 1))
    return { _id: `~${t}/${open[0] ?? ''}`, t, open }
  })
}

/** Of what is over. An event that is there already is left as it is: whoever was interrupted does it again. */
export async function addAudit(store: Store, events: readonly AuditDocument[]): Promise<void> {
  const session = store.client.startSession()
  try {
    await inTransaction(session, () => writeAudit(store, events, session))
  } catch (error) {
    if (!isDuplicate(error)) throw error
    const ids = events.map(({ _id }) => _id)
    const there = await store.audit.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray()
    const known = new Set(there.map(({ _id }) => _id))
    const missing = events.filter(({ _id }) => !known.has(_id))
    await inTransaction(session, () => writeAudit(store, missing, session))
  } finally {
    await session.endSession()
  }
}
