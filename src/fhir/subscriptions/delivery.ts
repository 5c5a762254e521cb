/**
 * One turn at a subscription: a handshake where its receiver was not greeted yet, then its events in order, batch after
 * batch, each noted before the next. What goes wrong puts it off, ever longer; a turn is short, so that many subscriptions
 * get theirs however slow some receivers are (fault 51).
 */
import type { Limits } from '../../kernel/limits.ts'
import { notifications } from '../../kernel/metrics.ts'
import type { Permit } from '../../access/permit.ts'
import { addAudit } from '../../store/audit.ts'
import type { Store } from '../../store/collections.ts'
import type { Claim } from '../../store/jobs.ts'
import {
  clearEvents,
  countEvents,
  eventsAgain,
  readEvents,
  removeOldEvents,
  setAside,
} from '../../store/subscription-events.ts'
import type { SubscriptionDocument, SubscriptionEventDocument } from '../../store/subscription-documents.ts'
import type { Progress } from '../../store/subscriptions.ts'
import { releaseSubscription, revokeSubscription, saveSubscription } from '../../store/subscriptions.ts'
import type { SeenEvent } from './notification.ts'
import { notificationText, seenEvents } from './notification.ts'
import { disclosures } from './on-record.ts'
import type { Outcome, Sending } from './rest-hook.ts'
import { post, postPlain } from './rest-hook.ts'
import type { RightsOptions } from './rights.ts'
import { rightsOf } from './rights.ts'

export interface DeliveryParts extends RightsOptions, Omit<Sending, 'signal'> {
  readonly store: Store
  readonly limits: Limits
}

/** Milliseconds of a turn, after which others come first. */
const TURN = 5_000
/** An event that is refused so often is set aside. */
const MOST_REFUSALS = 3
const FIRST_WAIT = 1_000
const LONGEST_WAIT = 15 * 60_000
const DAY = 86_400_000

/** In a turn: what was claimed, as it is now. */
interface Turn {
  readonly parts: DeliveryParts
  readonly sending: Sending
  readonly claim: Claim
  readonly permit: Permit
  subscription: SubscriptionDocument
}

/** Throws a SubscriptionLostError when it is somebody else's by now. */
export async function deliver(parts: DeliveryParts, claimed: SubscriptionDocument, signal: AbortSignal): Promise<void> {
  const { store } = parts
  const { _id: id, t, fence, wish, creator, state, revoked } = claimed
  const claim = { id, fence }
  if (state === 'off' || revoked) return releaseSubscription(store, claim, {})
  if (isOver(claimed)) return releaseSubscription(store, claim, { state: 'off', reason: 'Its end has come.' })
  const rights = await rightsOf(parts, t, creator)
  if (typeof rights === 'string') return revokeSubscription(store, id, rights)
  const turn: Turn = { parts, sending: { ...parts, signal }, claim, permit: rights, subscription: claimed }
  // Who is bound to it is told by whoever holds the connection (sockets.ts)
  if (wish.channel.type === 'websocket') return releaseSubscription(store, claim, { state: 'active', greeted: true })
  if (claimed.greeted || (await greet(turn))) await tellAll(turn, signal)
}

/** Is there anything to be done for it? `count`: of its events. */
export function isOwed(subscription: SubscriptionDocument, count: number): boolean {
  const { state, revoked, greeted, sent, again, wish } = subscription
  if (state === 'off' || revoked) return false
  const isWaiting = count > sent || again === true || isHeartbeatDue(subscription)
  return !greeted || isOver(subscription) || (wish.channel.type === 'rest-hook' && isWaiting)
}

function isOver({ wish: { end } }: SubscriptionDocument): boolean {
  return end !== undefined && end <= new Date()
}

async function greet(turn: Turn): Promise<boolean> {
  const { parts, sending, subscription } = turn
  const { _id, wish } = subscription
  // R4's own form knows none
  if (!wish.channel.content) return taken(turn, { kind: 'taken' }, { greeted: true })
  const count = (await countEvents(parts.store, [_id])).get(_id) ?? 0
  const outcome = await post(sending, subscription, notificationText({ type: 'handshake', subscription, count }))
  return taken(turn, outcome, { greeted: true })
}

async function tellAll(turn: Turn, signal: AbortSignal): Promise<void> {
  const until = performance.now() + TURN
  while (!signal.aborted && performance.now() < until) {
    const events = await nextEvents(turn)
    if (events.length === 0) {
      if (isHeartbeatDue(turn.subscription) && !(await beat(turn))) return
      await removeOld(turn)
      break
    }
    if (!(await tell(turn, events))) return
  }
  await releaseSubscription(turn.parts.store, turn.claim, {})
}

/** What was set aside and is wanted again comes first. */
async function nextEvents(turn: Turn): Promise<SubscriptionEventDocument[]> {
  const { store } = turn.parts
  const { _id, again, sent, single, wish } = turn.subscription
  const limit = single || !wish.channel.content ? 1 : wish.channel.maxCount
  const wanted = again ? await eventsAgain(store, _id, limit) : []
  if (wanted.length > 0) return wanted
  const events = await readEvents(store, _id, { from: sent + 1 }, limit)
  const over = [...(again ? (['again'] as const) : []), ...(single && events.length === 0 ? (['single'] as const) : [])]
  if (over.length > 0) await keep(turn, { unset: over })
  return events
}

async function tell(turn: Turn, events: readonly SubscriptionEventDocument[]): Promise<boolean> {
  const { parts, sending, permit, subscription } = turn
  const seen = await seenEvents(parts.store, permit, events)
  if (subscription.tries === 0) await addAudit(parts.store, disclosures(subscription, seen))
  const outcome = await sendEvents(sending, subscription, seen, parts.store)
  if (outcome.kind === 'refused') return refusedEvents(turn, events, outcome.reason)
  return taken(turn, outcome, {}, events)
}

async function sendEvents(
  sending: Sending,
  subscription: SubscriptionDocument,
  seen: readonly SeenEvent[],
  store: Store,
): Promise<Outcome> {
  const { _id, wish } = subscription
  const [first] = seen
  if (!wish.channel.content && first) return postPlain(sending, subscription, first)
  const count = (await countEvents(store, [_id])).get(_id) ?? 0
  return post(
    sending,
    subscription,
    notificationText({ type: 'event-notification', subscription, count, events: seen }),
  )
}

async function beat(turn: Turn): Promise<boolean> {
  const { parts, sending, subscription } = turn
  const count = (await countEvents(parts.store, [subscription._id])).get(subscription._id) ?? 0
  const outcome = await post(sending, subscription, notificationText({ type: 'heartbeat', subscription, count }))
  return taken(turn, outcome, {})
}

/** Several are sent one by one from then on, to find which of them it is; one alone is tried again, and then set aside. */
async function refusedEvents(
  turn: Turn,
  events: readonly SubscriptionEventDocument[],
  reason: string,
): Promise<boolean> {
  notifications.inc({ channel: 'rest-hook', outcome: 'refused' })
  const [event, ...others] = events
  if (others.length > 0) {
    await keep(turn, { set: { single: true } })
    return true
  }
  const { refusals, sent } = turn.subscription
  if (!event || refusals + 1 < MOST_REFUSALS) return putOff(turn, reason, { refusals: refusals + 1 })
  await setAside(turn.parts.store, event._id, reason)
  notifications.inc({ channel: 'rest-hook', outcome: 'dead' })
  await keep(turn, { set: { tries: 0, refusals: 0, sent: Math.max(sent, event.n) }, unset: ['single'] })
  return true
}

/** True: it goes on. */
async function taken(
  turn: Turn,
  outcome: Outcome,
  set: Partial<SubscriptionDocument>,
  events: readonly SubscriptionEventDocument[] = [],
): Promise<boolean> {
  if (outcome.kind !== 'taken') {
    notifications.inc({ channel: 'rest-hook', outcome: 'failed' })
    return putOff(turn, outcome.reason, {}, outcome.kind === 'failed' ? outcome.seconds : undefined)
  }
  if (events.length > 0) notifications.inc({ channel: 'rest-hook', outcome: 'taken' }, events.length)
  const repeated = events.filter(({ again, dead }) => again ?? dead)
  if (repeated.length > 0)
    await clearEvents(
      turn.parts.store,
      repeated.map(({ _id }) => _id),
    )
  const sent = events.reduce((last, { n }) => Math.max(last, n), turn.subscription.sent)
  const done = { ...set, state: 'active', tries: 0, refusals: 0, sent, heard: new Date() } as const
  await keep(turn, { set: done, unset: ['reason'] })
  return true
}

/** Twice as long each time, and never all at once. */
async function putOff(
  { parts: { store }, claim, subscription: { tries } }: Turn,
  reason: string,
  set: Partial<SubscriptionDocument>,
  seconds = 0,
): Promise<false> {
  const wait = Math.min(FIRST_WAIT * 2 ** Math.min(tries, 20), LONGEST_WAIT) * (0.5 + Math.random() / 2)
  const next = new Date(Date.now() + Math.max(wait, seconds * 1_000))
  await releaseSubscription(store, claim, { ...set, state: 'error', reason, tries: tries + 1, next })
  return false
}

async function keep(turn: Turn, progress: Progress): Promise<void> {
  turn.subscription = await saveSubscription(turn.parts.store, turn.claim, progress)
}

function isHeartbeatDue({ wish, heard }: SubscriptionDocument): boolean {
  const { heartbeat, content } = wish.channel
  return heartbeat !== undefined && content !== undefined && (heard?.getTime() ?? 0) + heartbeat * 1_000 <= Date.now()
}

function removeOld({ parts: { store, limits }, subscription: { _id, sent } }: Turn): Promise<void> {
  return removeOldEvents(store, _id, sent, new Date(Date.now() - limits.subscriptionEventDays * DAY))
}
