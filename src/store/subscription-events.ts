/**
 * Events of subscriptions. Their numbers are counted in the transaction that writes them down (the relay's), so there are
 * no gaps: what a creator may not see is no event at all, and takes no number.
 */
import type { ClientSession, Filter } from 'mongodb'
import type { Store } from './collections.ts'
import type { SubscriptionEventDocument } from './subscription-documents.ts'

export type NewEvent = Pick<SubscriptionEventDocument, 'at' | 'about' | 'v' | 'method'>

const DIGITS = 10

export function eventName(subscription: string, n: number): string {
  return `${subscription}/${String(n).padStart(DIGITS, '0')}`
}

/** In order. */
export async function addEvents(
  { counters, subscriptionEvents }: Store,
  subscription: string,
  events: readonly NewEvent[],
  session: ClientSession,
): Promise<void> {
  const counted = await counters.findOneAndUpdate(
    { _id: counterOf(subscription) },
    { $inc: { n: events.length } },
    { upsert: true, returnDocument: 'after', session },
  )
  const first = (counted?.n ?? events.length) - events.length + 1
  const documents = events.map((event, index) => ({
    _id: eventName(subscription, first + index),
    n: first + index,
    ...event,
  }))
  await subscriptionEvents.insertMany(documents, { session, ordered: false })
}

/** How many events each has had. */
export async function countEvents(
  { counters }: Store,
  subscriptions: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = await counters.find({ _id: { $in: subscriptions.map(counterOf) } }).toArray()
  return new Map(found.map(({ _id, n }) => [_id.slice(COUNTER.length), n]))
}

const COUNTER = 'subscription '

function counterOf(subscription: string): string {
  return COUNTER + subscription
}

export interface EventSpan {
  /** from this number on */
  readonly from: number
  /** to this number, with it */
  readonly to?: number
}

export function readEvents(
  { subscriptionEvents }: Store,
  subscription: string,
  { from, to }: EventSpan,
  limit: number,
): Promise<SubscriptionEventDocument[]> {
  const _id = {
    $gte: eventName(subscription, from),
    ...(to === undefined ? { $lt: `${subscription}0` } : { $lte: eventName(subscription, to) }),
  }
  return subscriptionEvents.find({ _id }).sort({ _id: 1 }).limit(limit).toArray()
}

/** What is to be sent once more. */
export function eventsAgain(
  { subscriptionEvents }: Store,
  subscription: string,
  limit: number,
): Promise<SubscriptionEventDocument[]> {
  const again = { ...allOf(subscription), again: true } as Filter<SubscriptionEventDocument>
  return subscriptionEvents.find(again).sort({ _id: 1 }).limit(limit).toArray()
}

/** Of one subscription, or of all. */
export function deadEvents({ subscriptionEvents }: Store, subscription?: string): Promise<SubscriptionEventDocument[]> {
  const dead = { ...(subscription !== undefined && allOf(subscription)), dead: { $exists: true } }
  return subscriptionEvents
    .find(dead as Filter<SubscriptionEventDocument>)
    .sort({ _id: 1 })
    .toArray()
}

export function countDeadEvents({ subscriptionEvents }: Store): Promise<number> {
  return subscriptionEvents.countDocuments({ dead: { $exists: true } })
}

/** The receiver took them, at last or again. */
export async function clearEvents({ subscriptionEvents }: Store, ids: readonly string[]): Promise<void> {
  await subscriptionEvents.updateMany({ _id: { $in: [...ids] } }, { $unset: { dead: true, again: true } })
}

export async function setAside({ subscriptionEvents }: Store, id: string, reason: string): Promise<void> {
  const dead = { at: new Date(), reason }
  await subscriptionEvents.updateOne({ _id: id }, { $set: { dead }, $unset: { again: true } })
}

/** What was set aside, or every event from a number on, is sent once more; gives how many. */
export async function sendAgain(
  { subscriptions, subscriptionEvents }: Store,
  subscription: string,
  span: EventSpan | undefined,
): Promise<number> {
  const which = span
    ? { _id: { $gte: eventName(subscription, span.from), $lt: `${subscription}0` } }
    : { ...allOf(subscription), dead: { $exists: true } }
  const again = { $set: { again: true } } as const
  const { matchedCount } = await subscriptionEvents.updateMany(which, again)
  if (matchedCount > 0)
    await subscriptions.updateOne({ _id: subscription }, { $set: { again: true, next: new Date() } })
  return matchedCount
}

/** What was taken before then. */
export async function removeOldEvents(
  { subscriptionEvents }: Store,
  subscription: string,
  sent: number,
  before: Date,
): Promise<void> {
  const _id = { $gt: `${subscription}/`, $lte: eventName(subscription, sent) }
  await subscriptionEvents.deleteMany({ _id, at: { $lt: before }, dead: { $exists: false }, again: { $exists: false } })
}

/** With their numbers: one that is made under the same id again begins anew. */
export async function removeEvents(
  { counters, subscriptionEvents }: Store,
  subscription: string,
  session: ClientSession,
): Promise<void> {
  await subscriptionEvents.deleteMany(allOf(subscription), { session })
  await counters.deleteOne({ _id: counterOf(subscription) }, { session })
}

function allOf(subscription: string): { readonly _id: { readonly $gt: string; readonly $lt: string } } {
  return { _id: { $gt: `${subscription}/`, $lt: `${subscription}0` } }
}
