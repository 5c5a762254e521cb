/**
 * `erasures`: that somebody was erased. While one is at work the document says whom, so that it can go on after a kill;
 * when it is over it names no one: counts by kind, when, by whom, and a hash of who it was under a salt that is kept
 * nowhere here. Whoever asked has the salt, and can show with it whose erasure this was.
 */
import { hash, randomBytes, randomUUID } from 'node:crypto'
import type { ClientSession } from 'mongodb'
import type { AuditDocument } from './audit-documents.ts'
import { writeAudit } from './audit.ts'
import type { Store } from './collections.ts'
import { assertNotHeld, takeHoldTurn } from './holds.ts'
import { inTransaction, withSession } from './transaction.ts'

/** Words of a person could name somebody: there are these. */
export const REASONS = ['asked-by-person', 'retention-over', 'court-order', 'wrong-record'] as const

export interface ErasureDocument {
  readonly _id: string
  /** tenant */
  readonly t: string
  readonly state: 'open' | 'done'
  /** id; none when it is done */
  readonly patient?: string
  /** `_id`s of what rows gave of them when it began; none when it is done */
  readonly given?: readonly string[]
  readonly reason: (typeof REASONS)[number]
  readonly by: string
  readonly begun: Date
  readonly finished?: Date
  /** what was removed, by kind */
  readonly counts: Readonly<Record<string, number>>
  readonly hash?: string
}

export interface Erasing extends Pick<ErasureDocument, 't' | 'reason' | 'by'> {
  readonly patient: string
  /** what rows give of them */
  readonly given: readonly string[]
  /** of source systems that hold something of theirs */
  readonly systems: readonly string[]
}

/** The one that is at work, where one is. Throws 409 under a legal hold. */
export async function beginErasure(
  store: Store,
  { systems, ...wish }: Erasing,
  event: AuditDocument,
): Promise<ErasureDocument> {
  return within(store, async (session) => {
    const { t, patient } = wish
    await takeHoldTurn(store, t, session)
    await assertNotHeld(store, t, { patient, systems }, session)
    const open = await store.erasures.findOne({ t, patient, state: 'open' }, { session })
    if (open) return open
    const erasure: ErasureDocument = { _id: randomUUID(), ...wish, state: 'open', begun: new Date(), counts: {} }
    await store.erasures.insertOne(erasure, { session })
    await writeAudit(store, [event], session)
    return erasure
  })
}

export function openErasure(store: Store, t: string, patient: string): Promise<ErasureDocument | null> {
  return store.erasures.findOne({ t, patient, state: 'open' })
}

/** Patients whose erasure for this reason is at work. */
export async function openErasuresOf(
  { erasures }: Store,
  t: string,
  reason: ErasureDocument['reason'],
): Promise<string[]> {
  const open = await erasures.find({ t, state: 'open', reason }, { projection: { patient: 1 } }).toArray()
  return open.flatMap(({ patient }) => patient ?? [])
}

/** In the transaction that removed them. */
export async function countErased(
  { erasures }: Store,
  id: string,
  counts: Readonly<Record<string, number>>,
  session: ClientSession,
): Promise<void> {
  const some = Object.entries(counts).filter(([, count]) => count > 0)
  if (some.length === 0) return
  const $inc = Object.fromEntries(some.map(([kind, count]) => [`counts.${kind}`, count]))
  await erasures.updateOne({ _id: id }, { $inc }, { session })
}

/** Undefined: somebody else who asked has finished it, and has its salt. */
export async function finishErasure(
  store: Store,
  { _id, t, patient = '' }: ErasureDocument,
  event: AuditDocument,
): Promise<{ readonly proof: ErasureDocument; readonly salt: string } | undefined> {
  const salt = randomBytes(32).toString('base64url')
  const done = { state: 'done' as const, finished: new Date(), hash: erasedHash(salt, t, patient) }
  return within(store, async (session) => {
    const change = { $set: done, $unset: { patient: true as const, given: true as const } }
    const proof = await store.erasures.findOneAndUpdate({ _id, state: 'open' }, change, {
      session,
      returnDocument: 'after',
    })
    if (!proof) return undefined
    await writeAudit(store, [event], session)
    return { proof, salt }
  })
}

/** What whoever has the salt compares: SHA-256 of salt, tenant and reference, each on a line. */
export function erasedHash(salt: string, tenant: string, patient: string): string {
  return hash('sha256', `${salt}\n${tenant}\nPatient/${patient}`, 'base64url')
}

/** Newest first; those that come after one. */
export function listErasures(
  { erasures }: Store,
  t: string,
  limit: number,
  after?: Pick<ErasureDocument, '_id' | 'begun'>,
): Promise<ErasureDocument[]> {
  const rest = after && { $or: [{ begun: { $lt: after.begun } }, { begun: after.begun, _id: { $lt: after._id } }] }
  return erasures
    .find({ t, ...rest })
    .sort({ begun: -1, _id: -1 })
    .limit(limit)
    .toArray()
}

function within<T>(store: Store, work: (session: ClientSession) => Promise<T>): Promise<T> {
  return withSession(store, (session) => inTransaction(session, () => work(session)))
}
