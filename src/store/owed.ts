/**
 * What is owed to people: one document a message that is to be sent, and afterwards that it was. Its id follows from what
 * it is about, so that nothing is planned twice, and is what the receiver knows the message by.
 *
 * Whoever sends has claimed it: the number of the claim is part of what ends it, so that a program that was frozen and
 * wakes up ends nothing any more.
 */
import { hash, randomUUID } from 'node:crypto'
import type { AnyBulkWriteOperation, ClientSession } from 'mongodb'
import type { Store } from './collections.ts'
import { gatheredNow } from './gathered.ts'

export interface OwedDocument {
  /** of the message: the same on every machine, for ever */
  readonly _id: string
  readonly t: string
  readonly kind: string
  /** `<tenant>/<Type>/<id>` of the resource that it is about */
  readonly about: string
  /** of the source whose row gives it */
  readonly instance?: string
  /** which of several about the same: `1440 2026-03-01T09:00:00Z` */
  readonly which: string
  readonly due: Date
  /** when it is to be tried, or put into the queue again */
  readonly at: Date
  readonly state: 'owed' | 'sending' | 'sent' | 'failed' | 'dropped' | 'late'
  /** why it was not sent */
  readonly reason?: string
  readonly tries: number
  readonly fence: number
  readonly owner?: string
  /** the claim's end */
  readonly until?: Date
  /** of those that were claimed together */
  readonly claim?: string
  readonly ended?: Date
}

/** What shall be owed. */
export interface Owing {
  readonly t: string
  readonly kind: string
  readonly about: string
  readonly instance?: string
  readonly which: string
  readonly due: Date
  /** it was due long before the gateway first saw what it is about: counted, and never sent */
  readonly late?: boolean
}

export interface OwedClaim {
  readonly _id: string
  readonly fence: number
}

/** What becomes of a claimed one. */
export interface OwedEnd extends OwedClaim {
  readonly state: 'sent' | 'failed' | 'dropped'
  readonly reason?: string
}

export class ClaimLostError extends Error {
  override readonly name = 'ClaimLostError'
}

/** It may be wanted again: nobody was written to. */
export const NOT_WANTED = 'no longer wanted'

/** A program that sends and is not heard of for so long is gone: what it claimed is owed again. */
export const CLAIMED = 60_000
/** What was put into the queue and is not taken is put there again: Redis may have been emptied, or its taker killed. */
const OFFERED = 5_000

/** Fit for a resource, a job and a Message-ID, and nothing can be read in it. */
export function owedId({ t, kind, about, which }: Pick<Owing, 't' | 'kind' | 'about' | 'which'>): string {
  return `m-${hash('sha256', JSON.stringify([t, kind, about, which]), 'hex').slice(0, 32)}`
}

/** Exactly these are owed of a kind about these resources from now on; what was sent stays so. */
export async function setOwed(
  { owed }: Store,
  kind: string,
  abouts: readonly string[],
  wanted: readonly Owing[],
  session: ClientSession,
): Promise<void> {
  const now = new Date()
  const there = await owed
    .find({ about: { $in: [...abouts] }, kind }, { session, projection: { state: 1, reason: 1, due: 1 } })
    .toArray()
  const known = new Map(there.map((each) => [each._id, each]))
  const ids = new Set(wanted.map(owedId))
  const gone = there.filter(({ _id, state }) => state === 'owed' && !ids.has(_id)).map(({ _id }) => _id)
  const operations = wanted.flatMap((each): AnyBulkWriteOperation<OwedDocument>[] => {
    const before = known.get(owedId(each))
    if (!before) return [{ insertOne: { document: newOwed(each, now) } }]
    const isBack = before.state === 'dropped' && before.reason === NOT_WANTED
    if (!isBack && (before.state !== 'owed' || before.due.getTime() === each.due.getTime())) return []
    const again = { $set: { state: 'owed' as const, due: each.due, at: each.due, tries: 0 } }
    return [{ updateOne: { filter: { _id: before._id }, update: { ...again, $unset: { reason: 1, ended: 1 } } } }]
  })
  if (gone.length > 0) {
    const dropped = { $set: { state: 'dropped' as const, reason: NOT_WANTED, ended: now } }
    operations.push({ updateMany: { filter: { _id: { $in: gone } }, update: dropped } })
  }
  if (operations.length > 0) await owed.bulkWrite(operations, { session, ordered: false })
}

/** These are owed too; what is known already stays as it is. */
export async function addOwed({ owed }: Store, wanted: readonly Owing[], session: ClientSession): Promise<void> {
  if (wanted.length === 0) return
  const now = new Date()
  const operations = wanted.map((each) => {
    const { _id, ...fresh } = newOwed(each, now)
    return { updateOne: { filter: { _id }, update: { $setOnInsert: fresh }, upsert: true } }
  })
  await owed.bulkWrite(operations, { session, ordered: false })
}

function newOwed(owing: Owing, now: Date): OwedDocument {
  const { due, late, ...own } = owing
  const fresh = { _id: owedId(owing), ...own, due, at: due, tries: 0, fence: 0 }
  return late === true ? { ...fresh, state: 'late', ended: now } : { ...fresh, state: 'owed' }
}

/** What is due, and is not offered again for a while; where there is more of it, each tenant has its share. */
export async function offerDue({ owed }: Store, limit: number): Promise<string[]> {
  const now = Date.now()
  const oldest = await dueOf(owed, limit)
  const due = oldest.length < limit ? oldest : await shared(owed, oldest)
  if (due.length === 0) return []
  await owed.updateMany({ _id: { $in: due }, state: 'owed' }, { $set: { at: new Date(now + OFFERED) } })
  return due
}

async function dueOf(owed: Store['owed'], limit: number, tenant?: string): Promise<string[]> {
  const filter = { state: 'owed', ...(tenant !== undefined && { t: tenant }), at: { $lte: new Date() } } as const
  const found = await owed
    .find(filter, { projection: { _id: 1 } })
    .sort({ at: 1 })
    .limit(limit)
    .toArray()
  return found.map(({ _id }) => _id)
}

/** As many as `oldest`: a tenant to whose people very much is owed at once holds up nobody else's (fault 51). */
async function shared(owed: Store['owed'], oldest: readonly string[]): Promise<string[]> {
  const tenants = await owed.distinct('t', { state: 'owed' })
  if (tenants.length < 2) return [...oldest]
  const share = Math.ceil(oldest.length / tenants.length)
  const own = await Promise.all(tenants.map((tenant) => dueOf(owed, share, tenant)))
  // One of each tenant after the other, and then whatever there is room for
  const turns = Array.from({ length: share }, (_, turn) => own.flatMap((each) => each[turn] ?? []))
  return [...new Set([...turns.flat(), ...oldest])].slice(0, oldest.length)
}

/** When something is due next. */
export async function nextDue({ owed }: Store): Promise<Date | undefined> {
  const [next] = await owed
    .find({ state: 'owed' }, { projection: { at: 1 } })
    .sort({ at: 1 })
    .limit(1)
    .toArray()
  return next?.at
}

/** Claims one; undefined: it is not owed any more, or somebody sends it. */
export function owedClaims({ owed }: Store, owner: string): (id: string) => Promise<OwedDocument | undefined> {
  return gatheredNow(async (ids) => {
    const claim = randomUUID()
    const until = new Date(Date.now() + CLAIMED)
    const claimed = { $set: { state: 'sending' as const, owner, until, claim }, $inc: { fence: 1, tries: 1 } }
    await owed.updateMany({ _id: { $in: [...ids] }, state: 'owed' }, claimed)
    const found = await owed.find({ _id: { $in: [...ids] }, claim }).toArray()
    const mine = new Map(found.map((each) => [each._id, each]))
    return ids.map((id) => {
      const each = mine.get(id)
      // Asked for twice it is claimed once
      mine.delete(id)
      return each
    })
  })
}

/** What the dead had claimed is owed again. */
export async function freeOwed({ owed }: Store, isDead: (owner: string) => boolean): Promise<void> {
  const owners = (await owed.distinct('owner', { state: 'sending' })) as string[]
  const dead = owners.filter((owner) => isDead(owner))
  const over = { $or: [{ until: { $lte: new Date() } }, { owner: { $in: dead } }] }
  if (owners.length > 0) {
    await owed.updateMany({ state: 'sending', ...over }, { $set: { state: 'owed', at: new Date() } })
  }
}

/** To be tried again at a later time; `untried`: this try counts for none. */
export async function postponeOwed(
  { owed }: Store,
  { _id, fence }: OwedClaim,
  at: Date,
  untried = false,
): Promise<void> {
  const later = { $set: { state: 'owed' as const, at }, ...(untried && { $inc: { tries: -1 } }) }
  await owed.updateOne({ _id, fence, state: 'sending' }, later)
}

/** Throws when one of them is not claimed so any more. */
export async function endOwed({ owed }: Store, ends: readonly OwedEnd[], session?: ClientSession): Promise<void> {
  if (ends.length === 0) return
  const ended = new Date()
  const operations = ends.map(({ _id, fence, state, reason }) => {
    const $set = { state, ended, ...(reason !== undefined && { reason }) }
    return { updateOne: { filter: { _id, fence, state: 'sending' as const }, update: { $set } } }
  })
  const { matchedCount } = await owed.bulkWrite(operations, { ...(session && { session }), ordered: false })
  if (matchedCount !== ends.length) throw new ClaimLostError('what was sent was claimed by another program meanwhile')
}

/** Is there one of the same kind about the same, which is due too and comes later? It says all that this one says. */
export function laterOwed({ owed }: Store): (owed: OwedDocument) => Promise<boolean> {
  return gatheredNow(async (batch) => {
    const about = { $in: batch.map((each) => each.about) }
    const states = ['owed', 'sending', 'sent'] as const
    const filter = { about, due: { $lte: new Date() }, state: { $in: [...states] } }
    const others = Map.groupBy(
      await owed.find(filter, { projection: { kind: 1, about: 1, due: 1 } }).toArray(),
      (each) => each.about,
    )
    return batch.map(
      (own) => others.get(own.about)?.some((each) => each.kind === own.kind && each.due > own.due) ?? false,
    )
  })
}

export interface OwedFigures {
  readonly owed: number
  /** it was due a minute ago and is not sent */
  readonly overdue: number
  readonly failed: number
  readonly late: number
}

const OVERDUE = 60_000

/** By kind; what was sent or is not wanted any more is not gone through. */
export async function countOwed({ owed }: Store): Promise<Record<string, OwedFigures>> {
  const before = new Date(Date.now() - OVERDUE)
  const open = { $in: ['$state', ['owed', 'sending']] }
  const sumOf = (condition: object): object => ({ $sum: { $cond: [condition, 1, 0] } })
  const counts = await owed
    .aggregate<{ _id: string } & OwedFigures>([
      { $match: { state: { $in: ['owed', 'sending', 'failed', 'late'] } } },
      {
        $group: {
          _id: '$kind',
          owed: sumOf(open),
          overdue: sumOf({ $and: [open, { $lt: ['$due', before] }] }),
          failed: sumOf({ $eq: ['$state', 'failed'] }),
          late: sumOf({ $eq: ['$state', 'late'] }),
        },
      },
      { $sort: { _id: 1 } },
    ])
    .toArray()
  return Object.fromEntries(counts.map(({ _id, ...figures }) => [_id, figures]))
}

/** Messages that are never sent, by the source whose rows they are about. */
export async function countLate({ owed }: Store): Promise<Map<string, number>> {
  const counts = await owed
    .aggregate<{ _id: string; late: number }>([
      { $match: { state: 'late' } },
      { $group: { _id: '$instance', late: { $sum: 1 } } },
    ])
    .toArray()
  return new Map(counts.map(({ _id, late }) => [_id, late]))
}
