/**
 * A gateway follows the mappings in force within a second. What it writes meanwhile through the earlier ones would stay as
 * they make it, where the later ones have been applied to the row already: so such a write waits for the gateway.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientSession } from 'mongodb'
import { GatewayError } from '../kernel/errors.ts'
import type { Store } from '../store/collections.ts'
import { readActiveMappings } from '../store/mapping-sets.ts'

/** Nothing was written. */
export class OtherMappingsError extends GatewayError {
  constructor() {
    super('GW_UNAVAILABLE', 'Other mappings come into force at this moment; try again.')
  }
}

const PATIENCE = 5_000
const TICK = 50

/** Work by what is in use here; done again once others have come into force here, where they did so elsewhere meanwhile. */
export async function byThoseInForce<InUse, Result>(
  inUse: () => InUse,
  work: (inUse: InUse) => Promise<Result>,
): Promise<Result> {
  for (;;) {
    const used = inUse()
    try {
      return await work(used)
    } catch (error) {
      if (!(error instanceof OtherMappingsError) || !(await isReplaced(inUse, used))) throw error
    }
  }
}

/** Waits for it, for a while. */
async function isReplaced<InUse>(inUse: () => InUse, used: InUse): Promise<boolean> {
  const until = performance.now() + PATIENCE
  while (inUse() === used && performance.now() < until) await sleep(TICK)
  return inUse() !== used
}

/** Inside the transaction: other mappings come later than its snapshot, and find what it writes, or they are seen here. */
export async function assertInForce(store: Store, mappings: string, session: ClientSession): Promise<void> {
  const known = await readActiveMappings(store, session)
  if (known && known.active !== mappings) throw new OtherMappingsError()
}
