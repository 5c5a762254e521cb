/**
 * Sees to it that what is owed is sent when it is due: puts it into the queue, again where Redis forgot it or whoever had
 * taken it is dead, and plans anew where a clinic wishes something else. One program at a time; everything it goes by
 * stands in MongoDB. The queue is kept short, so that Redis never holds more than the workers do soon.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../kernel/logger.ts'
import { owedMessages } from '../kernel/metrics.ts'
import type { JobQueue, QueuePlace } from '../queue/job-queue.ts'
import { openJobQueue } from '../queue/job-queue.ts'
import type { Store } from '../store/collections.ts'
import { MOST_HANDED, callBack, handOutDue } from '../store/handouts.ts'
import { Leading } from '../store/leading.ts'
import { countOwed, owingTenants } from '../store/owed.ts'
import { isOwnerDead } from '../store/owner.ts'

/** Handouts in the queue */
const MOST_WAITING = 16
/** Fewer are not looked for: whoever looks goes past all index entries of what was handed out lately. */
const LEAST_ROOM = MOST_WAITING / 2
const TURN = 1_000
/** While more is due than the queue takes. */
const HURRY = 50
const SWEEP = 1_000
const COUNT = 10_000

export interface DueOptions {
  readonly store: Store
  readonly place: QueuePlace
  readonly log: Logger
  /** plans anew where it must be */
  readonly replan: () => Promise<void>
}

export class Due {
  readonly #options: DueOptions
  readonly #leading: Leading
  readonly #stopping = new AbortController()
  #waking = new AbortController()
  #swept = -Infinity
  #counted = -Infinity
  #asked = -Infinity
  #tenants: readonly string[] = []
  #running: Promise<void> | undefined

  constructor(options: DueOptions) {
    this.#options = options
    this.#leading = new Leading(options.store, 'due', [])
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.wake()
    await this.#running
    await this.#leading.release()
  }

  /** Something was planned that may be due. */
  wake(): void {
    this.#asked = -Infinity
    this.#waking.abort()
  }

  async #run(): Promise<void> {
    const { place, log } = this.#options
    const queue = openJobQueue(place, 'owed')
    let isFailing = false
    while (!this.#stopping.signal.aborted) {
      let pause = TURN
      try {
        if (await this.#leading.leads()) pause = await this.#turn(queue)
        isFailing = false
      } catch (error) {
        if (!isFailing) log.warn({ err: error }, 'what is due cannot be put into the queue at the moment')
        isFailing = true
        this.#leading.doubt()
      }
      await this.#pause(pause)
    }
    await queue.close()
  }

  /** Gives for how long there is nothing to do. */
  async #turn(queue: JobQueue): Promise<number> {
    const { store } = this.#options
    await this.#sweep()
    const room = MOST_WAITING - (await queue.waiting())
    if (room < LEAST_ROOM) return HURRY
    const tenants = await this.#owingTenants()
    const { handouts, next } = await handOutDue(store, room * MOST_HANDED, { ahead: TURN, tenants })
    await queue.addLists(handouts.map(({ id, messages }) => ({ id, names: messages })))
    if (handouts.length === room) return HURRY
    return next ? Math.min(TURN, Math.max(0, next.getTime() - Date.now())) : TURN
  }

  /** Whoever is owed something for the first time waits a second for it at the most. */
  async #owingTenants(): Promise<readonly string[]> {
    const now = performance.now()
    if (now - this.#asked >= SWEEP) {
      this.#asked = now
      this.#tenants = await owingTenants(this.#options.store)
    }
    return this.#tenants
  }

  async #sweep(): Promise<void> {
    const { store, replan } = this.#options
    const now = performance.now()
    if (now - this.#swept < SWEEP) return
    this.#swept = now
    await callBack(store, isOwnerDead)
    await replan()
    if (now - this.#counted < COUNT) return
    this.#counted = now
    owedMessages.reset()
    for (const [kind, figures] of Object.entries(await countOwed(store))) {
      for (const [state, count] of Object.entries(figures)) owedMessages.set({ kind, state }, count as number)
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#waking.signal }).catch(() => undefined)
    this.#waking = new AbortController()
  }
}
