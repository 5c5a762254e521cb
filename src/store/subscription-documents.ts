/** The shapes of what Subscriptions need beside the resource (docs/subscriptions.md). */
import type { Credential } from '../access/credential.ts'

export type SubscriptionState = 'requested' | 'active' | 'error' | 'off'

export type NotifiedContent = 'empty' | 'id-only' | 'full-resource'

/** By whom it was made, and with which rights: what is left of these is looked up at each event. */
export interface SubscriptionCreator {
  /** as versions and audit remember it */
  readonly by: string
  /** none while authorization is off */
  readonly credential?: Credential
  /** what a person granted to the app */
  readonly grant?: string
  /** hash of the access token, where neither a client nor a grant says how long it is good */
  readonly token?: string
}

export interface SubscriptionChannel {
  readonly type: 'rest-hook' | 'websocket'
  readonly endpoint?: string
  /** media type */
  readonly payload?: string
  /** none: notified as R4 itself has it, without a Bundle */
  readonly content?: NotifiedContent
  /** seconds */
  readonly timeout: number
  readonly heartbeat?: number
  /** events in one notification */
  readonly maxCount: number
}

/** What a Subscription asks for. */
export interface SubscriptionWish {
  /** canonical; none: criteria of R4 */
  readonly topic?: string
  /** searches of a type each; of the same type all must fit */
  readonly criteria: readonly { readonly type: string; readonly query: string }[]
  readonly channel: SubscriptionChannel
  readonly end?: Date
}

/** `subscriptions`: what each asks for, and how far it was told. */
export interface SubscriptionDocument {
  /** `<tenant>/Subscription/<id>` */
  readonly _id: string
  readonly t: string
  readonly creator: SubscriptionCreator
  /** absolute URL of the FHIR base it was made at */
  readonly base: string
  readonly wish: SubscriptionWish
  /** lines of headers for the receiver, each sealed: they are never given out */
  readonly headers: readonly string[]
  readonly state: SubscriptionState
  /** what the last try failed with, or why nothing is sent any more; one sentence */
  readonly reason?: string
  /** the creator's rights are gone: nothing is sent until somebody asks for it anew */
  readonly revoked?: true
  /** the receiver took a handshake */
  readonly greeted: boolean
  /** what was made before is none of its events */
  readonly since: Date
  /** number of the last event that was taken, or set aside */
  readonly sent: number
  /** as the resource says it: state and reason */
  readonly shown: string
  /** tries that failed since something was taken */
  readonly tries: number
  /** of these, tries that were refused for good */
  readonly refusals: number
  /** one at a time: of several, one was refused */
  readonly single?: true
  /** no try before */
  readonly next: Date
  /** when the receiver heard of it last */
  readonly heard?: Date
  /** events that were set aside are to be sent again */
  readonly again?: true
  readonly owner: string
  readonly until: Date
  /** counts claims and changes: who holds an older one writes nothing any more */
  readonly fence: number
}

/** `subscriptionEvents`: numbered without gaps, in the transaction of the relay. */
export interface SubscriptionEventDocument {
  /** `<subscription>/<number, ten digits>` */
  readonly _id: string
  readonly n: number
  /** when it happened */
  readonly at: Date
  /** `<tenant>/<Type>/<id>` */
  readonly about: string
  readonly v: number
  readonly method: 'POST' | 'PUT' | 'DELETE'
  /** the receiver refused it for good */
  readonly dead?: { readonly at: Date; readonly reason: string }
  /** to be sent again */
  readonly again?: true
}

/** `bindings`: tokens of websockets, by their hash. */
export interface BindingDocument {
  readonly _id: string
  readonly t: string
  readonly subscriptions: readonly string[]
  readonly expires: Date
}
