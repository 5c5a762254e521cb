/** How subscriptions are doing, in figures, for `isthmus status`. */
import type { Store } from './collections.ts'
import type { SubscriptionDocument } from './subscription-documents.ts'
import { countDeadEvents, countEvents, readEvents } from './subscription-events.ts'
import { listSubscriptions } from './subscriptions.ts'

export interface SubscriptionFigures {
  /** asked for, or told of everything */
  readonly on: number
  /** whose receiver is away, or whose creator has no rights any more */
  readonly failing: number
  /** events that their receivers have not taken */
  readonly waiting: number
  /** how long the oldest of them waits */
  readonly lagMs: number
  /** events that their receivers refused for good */
  readonly dead: number
}

export async function subscriptionFigures(store: Store): Promise<SubscriptionFigures> {
  const all = (await listSubscriptions(store)).filter(({ state }) => state !== 'off')
  const counts = await countEvents(
    store,
    all.map(({ _id }) => _id),
  )
  // Nobody is told any more by those whose rights are gone
  const waitingOf = ({ _id, sent, revoked }: SubscriptionDocument): number =>
    revoked ? 0 : Math.max(0, (counts.get(_id) ?? 0) - sent)
  let oldest = Date.now()
  for (const { _id, sent } of all.filter((each) => waitingOf(each) > 0)) {
    const [first] = await readEvents(store, _id, { from: sent + 1 }, 1)
    oldest = Math.min(oldest, first?.at.getTime() ?? oldest)
  }
  const failing = all.filter(({ state }) => state === 'error').length
  return {
    ...{ on: all.length - failing, failing, dead: await countDeadEvents(store) },
    ...{ waiting: all.reduce((sum, each) => sum + waitingOf(each), 0), lagMs: Date.now() - oldest },
  }
}
