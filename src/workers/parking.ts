/**
 * Finds what a follower fails at: each version alone where that tells, else all of the commit. Nothing is written while it
 * is looked for. That MongoDB is away, or refuses, is nobody's fault and is thrown.
 */
import type { ClientSession } from 'mongodb'
import type { Logger } from '../kernel/logger.ts'
import { isDenied, isPassing } from '../store/failures.ts'
import type { Change, Follower } from '../store/outbox.ts'
import type { Parked } from '../store/parked.ts'
import { onSnapshot } from '../store/transaction.ts'

/** A follower could not follow; it is not known yet whether it ever will. */
export class FollowerError extends Error {
  override readonly name = 'FollowerError'
}

/** Throws a FollowerError where the follower itself is to blame. */
export async function followed(
  follower: Follower,
  changes: readonly Change[],
  session: ClientSession,
): Promise<(() => void) | undefined> {
  if (changes.length === 0) return undefined
  try {
    return await follower.follow(changes, session)
  } catch (cause) {
    if (isPassing(cause) || isDenied(cause)) throw cause
    throw new FollowerError(`${follower.name} could not be told of what was committed`, { cause })
  }
}

/** Nothing: it follows all of them. */
export async function failedAt(
  follower: Follower,
  changes: readonly Change[],
  session: ClientSession,
  log: Logger,
): Promise<Parked[]> {
  const whole = await failure(follower, changes, session)
  if (whole === undefined) return []
  const alone: Parked[] = []
  for (const change of changes.length > 1 ? changes : []) {
    const cause = await failure(follower, [change], session)
    if (cause !== undefined) alone.push(parkedFor(follower, [change], cause))
  }
  const bad = new Set(alone.flatMap((each) => each.changes))
  const good = changes.filter((change) => !bad.has(change))
  const isFound = alone.length > 0 && (await failure(follower, good, session)) === undefined
  log.error({ err: whole, follower: follower.name }, 'what it fails at is parked: "isthmus parked" lists it')
  return isFound ? alone : [parkedFor(follower, changes, whole)]
}

async function failure(follower: Follower, changes: readonly Change[], session: ClientSession): Promise<unknown> {
  try {
    await onSnapshot(session, () => followed(follower, changes, session))
    return undefined
  } catch (error) {
    if (error instanceof FollowerError) return error.cause ?? error
    throw error
  }
}

function parkedFor({ name: follower }: Follower, changes: readonly Change[], cause: unknown): Parked {
  return { follower, changes, reason: cause instanceof Error ? cause.name : 'unknown' }
}
