/**
 * Subscriptions in MongoDB. Whoever tells a receiver of events has claimed the subscription: the fence is part of every
 * write, so that one that was frozen and wakes up, or whose subscription was changed meanwhile, changes nothing any more.
 */
import type { ClientSession, Document, Filter } from 'mongodb'
import type { Place } from '../seal/seals.ts'
import type { Store } from './collections.ts'
import type { Claim, Claimant } from './jobs.ts'
import { removeEvents } from './subscription-events.ts'
import type {
  SubscriptionCreator,
  SubscriptionDocument,
  SubscriptionState,
  SubscriptionWish,
} from './subscription-documents.ts'

/** Who is not heard of for so long is gone. */
const LIFETIME = 15_000

/** What a write of a Subscription asks for, in the transaction of the resource. */
export interface SubscriptionWrite {
  readonly _id: string
  readonly t: string
  readonly creator: SubscriptionCreator
  readonly base: string
  readonly wish: SubscriptionWish
  readonly headers: readonly string[]
  readonly state: 'requested' | 'off'
  readonly at: Date
}

/** Somebody else has it, or it asks for something else by now. */
export class SubscriptionLostError extends Error {
  override readonly name = 'SubscriptionLostError'
}

export async function writeSubscriptions(
  { subscriptions }: Store,
  writes: readonly SubscriptionWrite[],
  session: ClientSession,
): Promise<void> {
  for (const write of writes) {
    await subscriptions.updateOne({ _id: write._id }, [{ $set: changeOf(write) }], { upsert: true, session })
  }
}

/** Its creator stays, with the rights of the last time; what happened while it was on is told. */
function changeOf({ t, creator, base, wish, headers, state, at }: SubscriptionWrite): Document {
  const isCreators = { $eq: [{ $ifNull: ['$creator.by', { $literal: creator.by }] }, { $literal: creator.by }] }
  const isOn = { $and: [{ $in: ['$state', ['requested', 'active', 'error']] }, { $ne: ['$revoked', true] }] }
  return {
    ...{
      t: { $literal: t },
      base: { $literal: base },
      wish: { $literal: wish },
      headers: { $literal: headers },
      state,
    },
    creator: { $cond: [isCreators, { $literal: creator }, '$creator'] },
    since: { $cond: [isOn, '$since', at] },
    sent: { $ifNull: ['$sent', 0] },
    fence: { $add: [{ $ifNull: ['$fence', 0] }, 1] },
    ...{ greeted: false, shown: shownAs({ state }), tries: 0, refusals: 0, next: at, owner: '', until: new Date(0) },
    ...{ reason: '$$REMOVE', revoked: '$$REMOVE', single: '$$REMOVE' },
  }
}

/** Compared with what its resource says. */
export function shownAs({
  state,
  reason = '',
}: {
  readonly state: SubscriptionState
  readonly reason?: string
}): string {
  return `${state} ${reason}`.trim()
}

export async function findSubscription(
  { subscriptions }: Store,
  id: string,
): Promise<SubscriptionDocument | undefined> {
  return (await subscriptions.findOne({ _id: id })) ?? undefined
}

/** In the order of their ids. */
export function findSubscriptions({ subscriptions }: Store, ids: readonly string[]): Promise<SubscriptionDocument[]> {
  return subscriptions
    .find({ _id: { $in: [...ids] } })
    .sort({ _id: 1 })
    .toArray()
}

export function listSubscriptions({ subscriptions }: Store): Promise<SubscriptionDocument[]> {
  return subscriptions.find().sort({ _id: 1 }).toArray()
}

/** How many a tenant has that are on, beside this one. */
export function countSubscriptions({ subscriptions }: Store, tenant: string, but: string): Promise<number> {
  return subscriptions.countDocuments({ t: tenant, _id: { $ne: but }, state: { $ne: 'off' } })
}

/** Of which events are written down. */
export function listening(
  { subscriptions }: Store,
  tenants: readonly string[],
  session: ClientSession,
): Promise<SubscriptionDocument[]> {
  return subscriptions
    .find({ t: { $in: [...tenants] }, ...ON }, { session })
    .sort({ _id: 1 })
    .toArray()
}

const ON: Filter<SubscriptionDocument> = { state: { $ne: 'off' }, revoked: { $ne: true } }

/** Of whatever tenant. */
export async function isAnyListening({ subscriptions }: Store, session: ClientSession): Promise<boolean> {
  return (await subscriptions.findOne(ON, { session, projection: { _id: 1 } })) !== null
}

/** Those that nobody works on and that may be tried, or looked at. */
export async function idleSubscriptions(
  { subscriptions }: Store,
  { isDead }: Claimant,
): Promise<SubscriptionDocument[]> {
  const now = new Date()
  const found = await subscriptions.find({ next: { $lte: now } }).toArray()
  return found.filter(({ owner, until }) => until <= now || isDead(owner))
}

/** Undefined when somebody works on it, or it is not to be tried yet. */
export async function claimSubscription(
  { subscriptions }: Store,
  id: string,
  { owner, isDead }: Claimant,
): Promise<SubscriptionDocument | undefined> {
  const now = new Date()
  const found = await subscriptions.findOne({ _id: id, next: { $lte: now } })
  if (!found || (found.until > now && !isDead(found.owner))) return undefined
  const claimed = { $set: { owner, until: inFuture() }, $inc: { fence: 1 } }
  const filter = { _id: id, fence: found.fence }
  return (await subscriptions.findOneAndUpdate(filter, claimed, { returnDocument: 'after' })) ?? undefined
}

export interface Progress {
  readonly set?: Partial<SubscriptionDocument>
  readonly unset?: readonly (keyof SubscriptionDocument)[]
}

/** Writes down how it went, and holds on to it. */
export async function saveSubscription(store: Store, claim: Claim, progress: Progress): Promise<SubscriptionDocument> {
  return writeClaimed(store, claim, { ...progress, set: { ...progress.set, until: inFuture() } })
}

/** Anybody may go on with it. */
export async function releaseSubscription(
  store: Store,
  claim: Claim,
  set: Partial<SubscriptionDocument>,
): Promise<void> {
  await writeClaimed(store, claim, { set: { ...set, owner: '', until: new Date(0) } })
}

async function writeClaimed(
  { subscriptions }: Store,
  { id, fence }: Claim,
  { set = {}, unset = [] }: Progress,
): Promise<SubscriptionDocument> {
  const change = {
    $set: set,
    ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((name) => [name, '' as const])) }),
  }
  const found = await subscriptions.findOneAndUpdate({ _id: id, fence }, change, { returnDocument: 'after' })
  if (!found) throw new SubscriptionLostError('the subscription was changed, or somebody else has taken it over')
  return found
}

/** The rights of its creator are gone. In the transaction of the relay, or by whoever was about to send. */
export async function revokeSubscription(
  { subscriptions }: Store,
  id: string,
  reason: string,
  session?: ClientSession,
): Promise<void> {
  const gone = { state: 'error', reason, revoked: true, next: new Date() } as const
  await subscriptions.updateOne({ _id: id }, { $set: gone, $inc: { fence: 1 } }, session && { session })
}

/** Sent over one of several connections. */
export async function advanceSubscription({ subscriptions }: Store, id: string, sent: number): Promise<void> {
  await subscriptions.updateOne({ _id: id }, { $max: { sent }, $set: { heard: new Date() } })
}

/** Its resource says so by now. */
export async function markShown({ subscriptions }: Store, { id, fence }: Claim, shown: string): Promise<void> {
  await subscriptions.updateOne({ _id: id, fence }, { $set: { shown } })
}

/** Their resources were deleted. */
export async function removeSubscriptions(store: Store, ids: readonly string[], session: ClientSession): Promise<void> {
  if (ids.length === 0) return
  await store.subscriptions.deleteMany({ _id: { $in: [...ids] } }, { session })
  for (const id of ids) await removeEvents(store, id, session)
}

function inFuture(): Date {
  return new Date(Date.now() + LIFETIME)
}

/** Each header for the receiver is sealed for it. `_id` of the Subscription. */
export function placeOfHeader(record: string): Place {
  return { record, path: 'channel.header' }
}
