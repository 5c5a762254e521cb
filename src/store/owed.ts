/**
 * What is owed to people: one document a message that is to be sent, and afterwards that it was. Its id follows from what
 * it is about, so that nothing is planned twice, and is what the receiver knows the message by. Who sends it: handouts.ts.
 */
import { hash } from 'node:crypto'
import type { AnyBulkWriteOperation, ClientSession } from 'mongodb'
import type { Store } from './collections.ts'
import { MOST_BY_ID, gatheredNow } from './gathered.ts'

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
  /** when it is to be tried; of one that was handed out: when it is called back if nobody took it */
  readonly at: Date
  readonly state: 'owed' | 'sending' | 'sent' | 'failed' | 'dropped' | 'late'
  /** why it was not sent */
  readonly reason?: string
  /** that were over before it was sent */
  readonly tries: number
  /** in which it is, or was the last time */
  readonly handout?: string
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

/** It may be wanted again: nobody was written to. */
export const NOT_WANTED = 'no longer wanted'

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
  const fresh = { _id: owedId(owing), ...own, due, at: due, tries: 0 }
  return late === true ? { ...fresh, state: 'late', ended: now } : { ...fresh, state: 'owed' }
}

/** MongoDB goes along so many stretches of an index at once, and gives what is in them in order (internalQueryMaxScansToExplode: 200). */
const STRETCHES = 100

/**
 * What is due by then first, of these tenants: the index has one stretch of each. Of one moment in the order of their ids:
 * so a burst goes along the indexes of all that is written for it, and no page of them is come back to.
 */
export async function firstDue(
  { owed }: Pick<Store, 'owed'>,
  tenants: readonly string[],
  limit: number,
  by: Date,
): Promise<Pick<OwedDocument, '_id' | 'at'>[]> {
  const parts = Array.from({ length: Math.ceil(tenants.length / STRETCHES) }, (_, n) =>
    tenants.slice(n * STRETCHES, (n + 1) * STRETCHES),
  )
  const found = await Promise.all(
    parts.map((part) =>
      owed
        .find({ state: 'owed', t: { $in: part }, at: { $lte: by } }, { projection: { at: 1 } })
        .sort({ at: 1, _id: 1 })
        .limit(limit)
        .toArray(),
    ),
  )
  return found
    .flat()
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .slice(0, limit)
}

/** To whose people something is owed. */
export async function owingTenants({ owed }: Pick<Store, 'owed'>): Promise<string[]> {
  return owed.distinct('t', { state: 'owed' })
}

/** Is there one of the same kind about the same, which is due too and comes later? It says all that this one says. */
export function laterOwed({ owed }: Store): (owed: OwedDocument) => Promise<boolean> {
  return gatheredNow(async (batch) => {
    const about = { $in: batch.map((each) => each.about) }
    const states = ['owed', 'sending', 'sent'] as const
    const filter = { about, due: { $lte: new Date() }, state: { $in: [...states] } }
    const others = Map.groupBy(
      await owed.find(filter, { projection: { kind: 1, about: 1, due: 1 }, hint: 'about' }).toArray(),
      (each) => each.about,
    )
    return batch.map(
      (own) => others.get(own.about)?.some((each) => each.kind === own.kind && each.due > own.due) ?? false,
    )
  }, MOST_BY_ID)
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
