/**
 * Tells receivers of rest-hooks what is owed to them. BullMQ says of which subscription there may be something, MongoDB
 * says what: whatever Redis forgets is found by the sweep. One program at a time works on a subscription, many on many.
 */
import { randomUUID } from 'node:crypto'
import type { Logger } from '../../kernel/logger.ts'
import { notificationLag } from '../../kernel/metrics.ts'
import { steadily } from '../../kernel/steadily.ts'
import { isOwnerDead, ownerName } from '../../store/owner.ts'
import { startJobWorker } from '../../queue/job-queue.ts'
import type { JobQueue, JobWorker, QueuePlace } from '../../queue/job-queue.ts'
import type { Claimant } from '../../store/jobs.ts'
import { countEvents, readEvents } from '../../store/subscription-events.ts'
import type { SubscriptionDocument } from '../../store/subscription-documents.ts'
import {
  SubscriptionLostError,
  claimSubscription,
  findSubscription,
  idleSubscriptions,
  shownAs,
} from '../../store/subscriptions.ts'
import type { DeliveryParts } from './delivery.ts'
import { deliver, isOwed } from './delivery.ts'

export interface DelivererParts extends DeliveryParts {
  readonly place: QueuePlace
  readonly queue: JobQueue
  /** Puts state and reason into the resource. */
  readonly show: (subscription: SubscriptionDocument) => Promise<void>
  readonly log: Logger
}

/** Receivers that are told at once; most of the time is theirs. */
const AT_ONCE = 64
/** Of these, of one tenant: its slow receivers never take all places (fault 51). */
const AT_ONCE_OF_TENANT = 48
const SWEEP = 1_000

export class SubscriptionDeliverer {
  readonly #parts: DelivererParts
  readonly #stop = new AbortController()
  readonly #me: Claimant = { owner: ownerName(), isDead: isOwnerDead }
  readonly #working = new Map<string, number>()
  #worker: JobWorker | undefined
  #sweeping: Promise<void> | undefined

  constructor(parts: DelivererParts) {
    this.#parts = parts
  }

  start(): void {
    const { place, log } = this.#parts
    this.#worker = startJobWorker(place, 'subscriptions', (name) => this.#inTurn(idIn(name)), AT_ONCE)
    const failed = (error: unknown): void => log.warn({ err: error }, 'subscriptions cannot be swept at the moment')
    const pace = { signal: this.#stop.signal, pause: SWEEP, retry: SWEEP, failed }
    this.#sweeping = steadily(() => this.#sweep(), pace)
  }

  /** Notifications that are on their way are broken off, and sent again elsewhere or later. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#sweeping
    await this.#worker?.close()
    notificationLag.reset()
  }

  async #sweep(): Promise<void> {
    const { store, queue, show } = this.#parts
    const idle = await idleSubscriptions(store, this.#me)
    const counts = await countEvents(
      store,
      idle.map(({ _id }) => _id),
    )
    const owed = idle.filter((each) => isOwed(each, counts.get(each._id) ?? 0))
    await queue.add(owed.map(({ _id, fence }) => wakingName(_id, fence)))
    for (const each of idle) if (each.shown !== shownAs(each)) await show(each)
    await this.#measure(owed)
  }

  async #measure(owed: readonly SubscriptionDocument[]): Promise<void> {
    const { store } = this.#parts
    let oldest = Infinity
    for (const { _id, sent } of owed) {
      const [first] = await readEvents(store, _id, { from: sent + 1 }, 1)
      oldest = Math.min(oldest, first?.at.getTime() ?? Infinity)
    }
    notificationLag.set(oldest === Infinity ? 0 : Math.max(0, Date.now() - oldest) / 1_000)
  }

  async #inTurn(id: string): Promise<void> {
    const tenant = id.slice(0, id.indexOf('/'))
    const count = (change: number): number => {
      const now = (this.#working.get(tenant) ?? 0) + change
      if (now === 0) this.#working.delete(tenant)
      else this.#working.set(tenant, now)
      return now
    }
    try {
      // What is too much now is offered again by the sweep
      if (count(1) <= AT_ONCE_OF_TENANT) await this.#work(id)
    } finally {
      count(-1)
    }
  }

  async #work(id: string): Promise<void> {
    const { store, queue, show, log } = this.#parts
    try {
      const claimed = await claimSubscription(store, id, this.#me)
      if (!claimed) return
      await deliver(this.#parts, claimed, this.#stop.signal)
      const after = await findSubscription(store, id)
      if (!after || this.#stop.signal.aborted) return
      if (after.shown !== shownAs(after)) await show(after)
      // What came while it was being released was told to nobody
      const count = (await countEvents(store, [id])).get(id) ?? 0
      if (after.next <= new Date() && isOwed(after, count)) await queue.add([wakingName(id)])
    } catch (error) {
      if (!(error instanceof SubscriptionLostError)) log.error({ err: error }, 'a subscription could not be served')
    }
  }
}

/** A name of its own, so that it is not taken for one that is being worked on. */
export function wakingName(id: string, fence: number | string = randomUUID()): string {
  return `${id}~${fence}`
}

function idIn(name: string): string {
  return name.slice(0, name.lastIndexOf('~'))
}
