/**
 * Sends to the address that a subscription names. A Bundle is sent by POST; where R4's own form was asked for, an empty
 * POST, or the resource itself as an update of the receiver (R4 subscription.html#rest-hook).
 */
import type { Called, Outbound } from '../../outbound/outbound.ts'
import type { Seals } from '../../seal/seals.ts'
import type { SubscriptionDocument } from '../../store/subscription-documents.ts'
import { openedHeaders } from './headers.ts'
import type { SeenEvent } from './notification.ts'
import { placeOf } from './notification.ts'

/** What a receiver answers is not read further. */
const ANSWER_BYTES = 4_096
/** Sent again it would be refused again: it cannot be read, is too large, or says what cannot be. */
const REFUSED: ReadonlySet<number> = new Set([400, 406, 409, 411, 412, 413, 414, 415, 422])
/** RFC 9110 §10.2.3: at most an hour is waited for */
const LONGEST_WAIT = 3_600

export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly seconds?: number }

export interface Sending {
  readonly outbound: Outbound
  readonly seals: Seals
  readonly signal: AbortSignal
}

/** Never throws. */
export async function post(sending: Sending, subscription: SubscriptionDocument, text: string): Promise<Outcome> {
  return send(sending, subscription, { method: 'POST', path: '', body: text })
}

/** One event, without a Bundle around it. What may not be seen any more, or is gone, is told of by an empty POST. */
export async function postPlain(
  sending: Sending,
  subscription: SubscriptionDocument,
  { event, version }: SeenEvent,
): Promise<Outcome> {
  const isWhole = subscription.wish.channel.payload !== undefined && version !== undefined && version.body !== ''
  if (!isWhole) return send(sending, subscription, { method: 'POST', path: '' })
  return send(sending, subscription, { method: 'PUT', path: `/${placeOf(event.about)}`, body: version.body })
}

interface Message {
  readonly method: 'POST' | 'PUT'
  readonly path: string
  readonly body?: string
}

async function send(
  { outbound, seals, signal }: Sending,
  { _id, wish: { channel }, headers }: SubscriptionDocument,
  { method, path, body }: Message,
): Promise<Outcome> {
  const { endpoint = '', payload, timeout } = channel
  try {
    const called = await outbound.call({
      ...{
        url: endpoint.replace(/\/$/, '') + path,
        method,
        milliseconds: timeout * 1_000,
        bytes: ANSWER_BYTES,
        signal,
      },
      ...(body !== undefined && { body }),
      headers: {
        ...openedHeaders(seals, _id, headers),
        ...(body !== undefined && payload !== undefined && { 'Content-Type': payload }),
        'Content-Length': String(Buffer.byteLength(body ?? '')),
      },
    })
    return outcomeOf(called)
  } catch (error) {
    return { kind: 'failed', reason: `The receiver could not be reached (${codeOf(error)}).` }
  }
}

/** A redirect is no answer: where it leads was not agreed to. */
function outcomeOf({ status, headers }: Called): Outcome {
  if (status >= 200 && status < 300) return { kind: 'taken' }
  const reason = `The receiver answered ${status}.`
  if (REFUSED.has(status)) return { kind: 'refused', reason }
  const seconds = secondsAsked(headers['retry-after'])
  return { kind: 'failed', reason, ...(seconds !== undefined && { seconds }) }
}

function secondsAsked(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text), LONGEST_WAIT) : undefined
}

/** A word of the system's, never a text with addresses in it. */
function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  if (typeof code === 'string') return code
  return name === 'TimeoutError' || name === 'AbortError' ? 'no answer in time' : 'no connection'
}
