/** The chain of a tenant's audit events in MongoDB: what is not linked yet, links, and where the chain begins and ends. */
import type { ClientSession } from 'mongodb'
import type { AuditDocument, AuditHead, AuditLink, AuditNote } from './audit-documents.ts'
import type { Store } from './collections.ts'
import { inTransaction } from './transaction.ts'

const MAJORITY = { readConcern: { level: 'majority' } } as const

/** What is committed and no link has, some of it; none of it is of a tenant, by its id. */
export function readNotes({ auditNotes }: Store, limit: number): Promise<AuditNote[]> {
  return auditNotes
    .find({ _id: { $gte: '~' } }, MAJORITY)
    .sort({ _id: 1 })
    .limit(limit)
    .toArray()
}

export async function readHead({ auditHeads }: Store, tenant: string): Promise<AuditHead | undefined> {
  return (await auditHeads.findOne({ _id: tenant }, MAJORITY)) ?? undefined
}

export class OtherSealerError extends Error {
  override readonly name = 'OtherSealerError'
}

interface Follows {
  readonly head: AuditHead
  readonly before: AuditHead | undefined
  /** of its events */
  readonly notes: readonly AuditNote[]
}

/** The link and what follows from it, or nothing at all: throws when another has linked something meanwhile. */
export async function addLink(
  store: Store,
  session: ClientSession,
  link: AuditLink,
  { head, before, notes }: Follows,
): Promise<void> {
  const { auditNotes, auditChain, auditHeads } = store
  await inTransaction(session, async () => {
    await auditChain.insertOne(link, { session })
    if (before) {
      const { matchedCount } = await auditHeads.replaceOne({ _id: head._id, end: before.end }, head, { session })
      if (matchedCount !== 1) throw new OtherSealerError('another program links events of this tenant')
    } else await auditHeads.insertOne(head, { session })
    const { deletedCount } = await auditNotes.deleteMany({ _id: { $in: notes.map(({ _id }) => _id) } }, { session })
    if (deletedCount !== notes.length) throw new OtherSealerError('another program has linked some of these events')
  })
}

export async function firstLink({ auditChain }: Store, tenant: string): Promise<AuditLink | undefined> {
  return (await auditChain.findOne(rangeOf(tenant), { sort: { _id: 1 } })) ?? undefined
}

/** The link with its events, or nothing at all: throws when another has changed the chain meanwhile. */
export async function removeLink(
  store: Store,
  session: ClientSession,
  link: AuditLink,
  { head, before }: Pick<Follows, 'head'> & { readonly before: AuditHead },
): Promise<void> {
  const { audit, auditChain, auditHeads } = store
  await inTransaction(session, async () => {
    const unchanged = { _id: head._id, start: before.start, end: before.end }
    const { matchedCount } = await auditHeads.replaceOne(unchanged, head, { session })
    if (matchedCount !== 1) throw new OtherSealerError('another program changes the chain of this tenant')
    await auditChain.deleteOne({ _id: link._id }, { session })
    await audit.deleteMany({ _id: { $in: link.ids.map((id) => `${link.t}/${id}`) } }, { session })
  })
}

/** How many of all tenants were made with which key; '' is none. */
export async function linksByKey({ auditChain }: Store): Promise<Record<string, number>> {
  const found = await auditChain
    .aggregate<{ _id: string; count: number }>([{ $group: { _id: '$key', count: { $sum: 1 } } }, { $sort: { _id: 1 } }])
    .toArray()
  return Object.fromEntries(found.map(({ _id, count }) => [_id, count]))
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
export async function auditState(
  { client, audit, auditNotes, auditHeads }: Store,
  tenant: string,
): Promise<AuditState> {
  const session = client.startSession({ snapshot: true })
  try {
    const head = (await auditHeads.findOne({ _id: tenant }, { session })) ?? undefined
    const all = await audit.countDocuments(rangeOf(tenant), { session })
    const notes = await auditNotes.find(rangeOf(`~${tenant}`), { session }).toArray()
    const open = notes.reduce((sum, note) => sum + note.open.length, 0)
    return { head, closed: all - open, open }
  } finally {
    await session.endSession()
  }
}

/** Ids of events that no link has yet. */
export async function openEvents({ auditNotes }: Store, tenant: string): Promise<ReadonlySet<string>> {
  const notes = await auditNotes.find(rangeOf(`~${tenant}`)).toArray()
  return new Set(notes.flatMap(({ open }) => open))
}

/** Whoever has events, links or a head. */
export async function auditedTenants({ audit, auditChain, auditHeads }: Store): Promise<string[]> {
  const tenants = new Set((await auditHeads.find().toArray()).map(({ _id }) => _id))
  for (const collection of [audit, auditChain]) {
    let after = ''
    for (;;) {
      const found = await (collection as typeof audit).findOne(
        { _id: { $gt: after, $lt: '~' } },
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
