/**
 * What a receiver is sent: a Bundle whose first entry says of which subscription, and which events it tells of
 * (Subscriptions R5 Backport, backport-subscription-notification-r4).
 */
import { randomUUID } from 'node:crypto'
import type { Permit } from '../../access/permit.ts'
import type { Store } from '../../store/collections.ts'
import type { VersionDocument } from '../../store/documents.ts'
import { openedVersion } from '../../store/sealed-bodies.ts'
import type {
  NotifiedContent,
  SubscriptionDocument,
  SubscriptionEventDocument,
} from '../../store/subscription-documents.ts'
import { VERSION_DIGITS } from '../../store/version-id.ts'
import { seenVersions } from '../../store/version-permit.ts'
import { namedVersions } from '../../store/version-reads.ts'
import type { Parameter } from '../operations/parameters.ts'
import { BACKPORT } from './canonicals.ts'

export type NotificationType = 'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event'

export interface Told {
  readonly type: NotificationType
  readonly subscription: SubscriptionDocument
  /** of all events so far */
  readonly count: number
  readonly events?: readonly SeenEvent[]
  /** other than the subscription asks for */
  readonly content?: NotifiedContent
}

/** An event, and what it is about as far as that may be seen now. */
export interface SeenEvent {
  readonly event: SubscriptionEventDocument
  /** none: it is not to be seen (any more) */
  readonly version?: VersionDocument
}

/** With the versions that may be seen at this moment; in the order of the events. */
export async function seenEvents(
  store: Store,
  permit: Permit,
  events: readonly SubscriptionEventDocument[],
): Promise<SeenEvent[]> {
  const found = await namedVersions(store, events.map(versionName))
  const seen = await seenVersions(store, permit, found, {})
  const byName = new Map(seen.map((version) => [version._id, openedVersion(store, version as VersionDocument)]))
  return events.map((event) => {
    const version = byName.get(versionName(event))
    return { event, ...(version && { version }) }
  })
}

function versionName({ about, v }: SubscriptionEventDocument): string {
  return `${about}/${String(v).padStart(VERSION_DIGITS, '0')}`
}

/** Texts of resources go in as they are stored: decimals keep their digits. */
export function notificationText(told: Told): string {
  const { subscription, events = [], content = contentOf(subscription) } = told
  const { base } = subscription
  const status = JSON.stringify({
    fullUrl: `urn:uuid:${randomUUID()}`,
    resource: statusOf(told),
    request: { method: 'GET', url: `${referenceOf(subscription)}/$status` },
    response: { status: '200' },
  })
  const entries = content === 'empty' ? [] : events.flatMap((each) => entryText(base, each, content))
  const meta = JSON.stringify({ profile: [BACKPORT.notification] })
  const start = `{"resourceType":"Bundle","id":"${randomUUID()}","meta":${meta},"type":"history"`
  return `${start},"timestamp":"${new Date().toISOString()}","entry":[${[status, ...entries].join(',')}]}`
}

/** A SubscriptionStatus of R5, as Parameters. */
export function statusOf({ type, subscription, count, events = [], content = contentOf(subscription) }: Told): object {
  const { wish, state, reason, base } = subscription
  const parameter: Parameter[] = [
    { name: 'subscription', valueReference: { reference: `${base}/${referenceOf(subscription)}` } },
    ...(wish.topic === undefined ? [] : [{ name: 'topic', valueCanonical: wish.topic }]),
    { name: 'status', valueCode: state },
    { name: 'type', valueCode: type },
    { name: 'events-since-subscription-start', valueString: String(count) },
    ...events.map((each) => ({ name: 'notification-event', part: eventParts(base, each, content) })),
    ...(reason === undefined ? [] : [{ name: 'error', valueCodeableConcept: { text: reason } }]),
  ]
  return { resourceType: 'Parameters', id: randomUUID(), meta: { profile: [BACKPORT.status] }, parameter }
}

function eventParts(base: string, { event, version }: SeenEvent, content: NotifiedContent): Parameter[] {
  return [
    { name: 'event-number', valueString: String(event.n) },
    { name: 'timestamp', valueInstant: event.at.toISOString() },
    ...(content === 'empty' || !version
      ? []
      : [{ name: 'focus', valueReference: { reference: `${base}/${placeOf(event.about)}` } }]),
  ]
}

function entryText(base: string, { event, version }: SeenEvent, content: NotifiedContent): string[] {
  if (!version) return []
  const place = placeOf(event.about)
  const { method } = event
  const request = { method, url: method === 'POST' ? place.slice(0, place.indexOf('/')) : place }
  const response = { status: method === 'POST' ? '201' : method === 'DELETE' ? '204' : '200' }
  const rest = JSON.stringify({ request, response }).slice(1)
  const resource = content === 'full-resource' && version.body !== '' ? `"resource":${version.body},` : ''
  return [`{"fullUrl":${JSON.stringify(`${base}/${place}`)},${resource}${rest}`]
}

function contentOf({ wish }: SubscriptionDocument): NotifiedContent {
  return wish.channel.content ?? 'empty'
}

/** `Subscription/1` */
function referenceOf({ _id }: SubscriptionDocument): string {
  return placeOf(_id)
}

/** `<Type>/<id>` of `<tenant>/<Type>/<id>` */
export function placeOf(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}
