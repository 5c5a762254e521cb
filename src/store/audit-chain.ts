/** The chain of a tenant's audit events in MongoDB: what is not linked yet, links, and where the chain begins and ends. */
import type { ClientSession } from 'mongodb'
import type { AuditDocument, AuditHead, AuditLink } from './audit-documents.ts'
import type { Store } from './collections.ts'
import { inTransaction } from './transaction.ts'

const MAJORITY = { readConcern: { level: 'majority' } } as const

/** Committed events that no link has, some of them. */
export function readOpen({ audit }: Store, limit: number): Promise<AuditDocument[]> {
  return audit.find({ open: true }, MAJORITY).sort({ open: 1, _id: 1 }).limit(limit).toArray()
}

export async function readHead({ auditHeads }: Store, tenant: string): Promise<AuditHead | undefined> {
  return (await auditHeads.findOne({ _id: tenant }, MAJORITY)) ?? undefined
}

export class OtherSealerError extends Error {
  override readonly name = 'OtherSealerError'
}

/** The link and what follows from it, or nothing at all: throws when another has linked something meanwhile. */
export async function addLink(
  store: Store,
  session: ClientSession,
  link: AuditLink,
  { head, before }: { readonly head: AuditHead; readonly before: AuditHead | undefined },
): Promise<void> {
  const { audit, auditChain, auditHeads } = store
  const _id = { $in: link.ids.map((id) => `${link.t}/${id}`) }
  await inTransaction(session, async () => {
    await auditChain.insertOne(link, { session })
    if (before) {
      const { matchedCount } = await auditHeads.replaceOne({ _id: head._id, end: before.end }, head, { session })
      if (matchedCount !== 1) throw new OtherSealerError('another program links events of this tenant')
    } else await auditHeads.insertOne(head, { session })
    const { modifiedCount } = await audit.updateMany({ _id, open: true }, { $unset: { open: 1 } }, { session })
    if (modifiedCount !== link.ids.length) throw new OtherSealerError('another program has linked some of these events')
  })
}

/** In their order. */
export function readLinks({ auditChain }: Store, tenant: string): AsyncIterable<AuditLink> {
  return auditChain.find(rangeOf(tenant)).sort({ _id: 1 })
}

export async function readEvents(
  { audit }: Store,
  tenant: string,
  ids: readonly string[],
): Promise<Map<string, AuditDocument>> {
  const found = await audit.find({ _id: { $in: ids.map((id) => `${tenant}/${id}`) } }).toArray()
  return new Map(found.map((event) => [event._id.slice(tenant.length + 1), event]))
}

export interface AuditState {
  readonly head: AuditHead | undefined
  /** events that say they are linked, and that are not yet */
  readonly closed: number
  readonly open: number
}

/** All of one moment. */
export async function auditState({ client, audit, auditHeads }: Store, tenant: string): Promise<AuditState> {
  const session = client.startSession({ snapshot: true })
  try {
    const head = (await auditHeads.findOne({ _id: tenant }, { session })) ?? undefined
    const all = await audit.countDocuments(rangeOf(tenant), { session })
    const open = await audit.countDocuments({ ...rangeOf(tenant), open: true }, { session })
    return { head, closed: all - open, open }
  } finally {
    await session.endSession()
  }
}

/** Whoever has events, links or a head. */
export async function auditedTenants({ audit, auditChain, auditHeads }: Store): Promise<string[]> {
  const tenants = new Set((await auditHeads.find().toArray()).map(({ _id }) => _id))
  for (const collection of [audit, auditChain]) {
    let after = ''
    for (;;) {
      const found = await (collection as typeof audit).findOne(
        { _id: { $gt: after } },
        { sort: { _id: 1 }, projection: { t: 1 } },
      )
      if (!found) break
      const tenant = found._id.slice(0, found._id.indexOf('/'))
      tenants.add(tenant)
      // `0` follows `/`
      after = `${tenant}0`
    }
  }
  return [...tenants].sort()
}

function rangeOf(tenant: string): { readonly _id: { readonly $gte: string; readonly $lt: string } } {
  return { _id: { $gte: `${tenant}/`, $lt: `${tenant}0` } }
}
