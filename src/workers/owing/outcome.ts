/** What becomes of a message, by how sending it went: what is kept of it, whether it is tried again, and when. */
import { LaterError, RefusedError } from '../../outbound/failures.ts'
import type { WriteOperation } from '../../projection/operation.ts'
import type { HandedOut, OwedEnd } from '../../store/handouts.ts'
import { ClaimLostError } from '../../store/handouts.ts'
import type { Shown } from './in-app.ts'
import type { Outgoing } from './kind.ts'
import type { Posted, Sent } from './post.ts'
import { communicationOf } from './told.ts'

/** After them it is given up. */
const MOST_TRIES = 12
const FIRST_PAUSE = 5_000
const LONGEST_PAUSE = 15 * 60_000

/** Where nothing else leads to them, they find it in the app. */
export function toldTo(posted: Posted, shown: Shown | undefined): Sent {
  if (!('unreachable' in posted)) return posted
  if (shown) return shown.sent
  throw new UnreachableError(posted.unreachable)
}

export function keptOf(
  owed: HandedOut,
  outgoing: Outgoing,
  sent: Sent,
  { at, base }: { readonly at: Date; readonly base: string },
): WriteOperation[] {
  if (outgoing.isRow) return []
  if (outgoing.kept) return [outgoing.kept(sent, at)]
  // The row that they find is a Communication already
  return sent.way === 'app' ? [] : [communicationOf(owed, outgoing, sent, { at, base })]
}

/** Nothing went wrong, and yet nobody was written to. */
class UnreachableError extends Error {}

/** Undefined: it is tried again. */
export function givenUp(owed: HandedOut, error: unknown): OwedEnd | undefined {
  if (error instanceof ClaimLostError) return undefined
  if (error instanceof UnreachableError) return endOf(owed, 'dropped', error.message)
  if (error instanceof RefusedError) return endOf(owed, 'failed', 'the message was refused')
  return isLastTry(owed) && !isPatience(error) ? endOf(owed, 'failed', 'the message could not be sent') : undefined
}

/** Nothing was tried, or the receiver said when to try. */
export function isPatience(error: unknown): boolean {
  return error instanceof ClaimLostError || (error instanceof LaterError && error.retryAfter !== undefined)
}

/** With the one that is made now. */
export function triesOf({ tries }: HandedOut): number {
  return tries + 1
}

export function endOf({ _id, handout }: HandedOut, state: OwedEnd['state'], reason?: string): OwedEnd {
  return { _id, handout, state, ...(reason !== undefined && { reason }) }
}

export function isLastTry(owed: HandedOut): boolean {
  return triesOf(owed) >= MOST_TRIES
}

/** Milliseconds, longer after each try, and not the same for all that failed together. */
export function pauseAfter({ tries }: HandedOut): number {
  return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries) * (0.5 + Math.random() / 2)
}
