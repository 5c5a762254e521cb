/**
 * Waits until what was written up to a moment can be read. A version carries the time at which its write began, and is
 * there when its transaction is committed, a little later: who asks for everything up to now must wait for those.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { withoutAbandoned } from './abandoned.ts'
import type { Store } from './collections.ts'
import { isOwnerDead } from './owner.ts'

/** From taking the time to opening the transaction. */
const GRACE = 1_000
/** A batch of the projection that was computed while the one before it was written opens its own right after that. */
const NEXT = 200
/** MongoDB ends a transaction after it (transactionLifetimeLimitSeconds). */
const LONGEST = 60_000
const TICK = 50

export async function untilSettled(store: Store, moment: Date, signal: AbortSignal): Promise<void> {
  await untilOver(store, moment.getTime() + GRACE, signal)
  // An export that is taken up again much later has nothing to wait for
  if (Date.now() < moment.getTime() + 2 * LONGEST) await untilOver(store, Date.now() + NEXT, signal)
}

/** Until every transaction that was opened before has ended. */
async function untilOver(store: Store, opened: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, opened - Date.now()), undefined, { signal })
  while (Date.now() < opened + LONGEST && (await isAnyOpenSince(store, new Date(opened)))) {
    await sleep(TICK, undefined, { signal })
  }
}

/** Is a transaction open that began before? */
async function isAnyOpenSince({ client }: Store, before: Date): Promise<boolean> {
  const open = await withoutAbandoned(client, isOwnerDead)
  return open.some(({ began }) => began <= before)
}
