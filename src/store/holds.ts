/** `holds`: legal holds, on a patient or on a whole system. While one is there nothing it covers is erased or removed. */
import { randomUUID } from 'node:crypto'
import type { ClientSession } from 'mongodb'
import { GatewayError } from '../kernel/errors.ts'
import type { AuditDocument } from './audit-documents.ts'
import { writeAudit } from './audit.ts'
import type { Store } from './collections.ts'
import { inTransaction, withSession } from './transaction.ts'

export interface HoldDocument {
  readonly _id: string
  /** tenant */
  readonly t: string
  /** id of a patient; or */
  readonly patient?: string
  /** code of a source system: all of its patients */
  readonly system?: string
  readonly reason: string
  /** as versions remember who wrote them */
  readonly by: string
  readonly placed: Date
  readonly lifted?: Date
  readonly liftedBy?: string
}

/** Holds are placed and erasures begun one after the other: none begins while a hold is being placed on it. */
export async function takeHoldTurn({ counters }: Store, tenant: string, session: ClientSession): Promise<void> {
  await counters.updateOne({ _id: `holds/${tenant}` }, { $inc: { n: 1 } }, { session, upsert: true })
}

/** Throws 409 where the patient is being erased. */
export async function placeHold(
  store: Store,
  hold: Omit<HoldDocument, '_id' | 'placed'>,
  event: AuditDocument,
): Promise<HoldDocument> {
  const placed: HoldDocument = { _id: randomUUID(), ...hold, placed: new Date() }
  const { t, patient } = placed
  await within(store, async (session) => {
    await takeHoldTurn(store, t, session)
    const erased = { t, state: 'open' as const, ...(patient !== undefined && { patient }) }
    if (await store.erasures.findOne(erased, { session, projection: { _id: 1 } })) {
      throw new GatewayError('GW_CONFLICT', 'An erasure of it is at work already: a hold comes too late.')
    }
    await store.holds.insertOne(placed, { session })
    await writeAudit(store, [event], session)
  })
  return placed
}

/** Undefined: there is none, or it was lifted before. */
export async function liftHold(
  store: Store,
  { t, id, by }: { readonly t: string; readonly id: string; readonly by: string },
  event: AuditDocument,
): Promise<HoldDocument | undefined> {
  return within(store, async (session) => {
    const filter = { _id: id, t, lifted: { $exists: false } }
    const change = { $set: { lifted: new Date(), liftedBy: by } }
    const after = await store.holds.findOneAndUpdate(filter, change, { session, returnDocument: 'after' })
    if (after) await writeAudit(store, [event], session)
    return after ?? undefined
  })
}

function within<T>(store: Store, work: (session: ClientSession) => Promise<T>): Promise<T> {
  return withSession(store, (session) => inTransaction(session, () => work(session)))
}

/** Those that count now, newest first; lifted ones too when asked. */
export function listHolds({ holds }: Store, tenant: string, withLifted: boolean): Promise<HoldDocument[]> {
  const filter = { t: tenant, ...(!withLifted && { lifted: { $exists: false } }) }
  return holds.find(filter).sort({ placed: -1 }).toArray()
}

/** Throws 409 while a hold covers the patient, or a system that holds something of theirs. */
export async function assertNotHeld(
  { holds }: Store,
  tenant: string,
  { patient, systems }: { readonly patient: string; readonly systems: readonly string[] },
  session?: ClientSession,
): Promise<void> {
  const covering = { t: tenant, lifted: { $exists: false }, $or: [{ patient }, { system: { $in: [...systems] } }] }
  const hold = await holds.findOne(covering, session && { session })
  if (!hold) return
  const what = hold.system === undefined ? 'This person' : `The system ${hold.system}`
  throw new GatewayError(
    'GW_CONFLICT',
    `${what} is under the legal hold ${hold._id}: nothing is erased until it is lifted.`,
  )
}
