/**
 * Hands what was committed to those for whom something follows from it, each version once, whoever is killed when: what they
 * write is committed together with the removal of the rows that say so. One program at a time, by a lease; where two should
 * do it all the same, the later one's transaction ends. What a follower fails at again and again is parked for it, and all
 * else goes on.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientSession } from 'mongodb'
import type { Logger } from '../kernel/logger.ts'
import { parkedVersions, relayLag } from '../kernel/metrics.ts'
import type { Store } from '../store/collections.ts'
import type { OutboxDocument } from '../store/documents.ts'
import { Leading } from '../store/leading.ts'
import type { Change, Follower } from '../store/outbox.ts'
import { OtherRelayError, onOutbox, readOutbox, removeOutbox } from '../store/outbox.ts'
import type { Parked } from '../store/parked.ts'
import { countParked, park } from '../store/parked.ts'
import { inTransaction } from '../store/transaction.ts'
import { FollowerError, failedAt, followed } from './parking.ts'

const RELAY_LEASE = 'relay'
/** While commits come; a change stream would cost every commit more than this costs. */
const POLL = 25
/** For so long after one, another is likely. */
const LIKELY = 1_000
/** While there are none: only those of other programs wait for it. */
const IDLE = 100
/** Nobody waits for what follows; a pass costs five commands, however many commits it hands on. */
const UNHURRIED = 250
const RETRY = 500
const MOST_ROWS = 500
/** A commit of a backfill may have more; it is never taken apart. */
const MOST_CHANGES = 2_000
/** A commit that a follower has failed at so often is looked into. */
const MOST_FAILURES = 3
const COUNT = 10_000

export interface RelayOptions {
  readonly store: Store
  readonly followers: readonly Follower[]
  readonly log: Logger
}

export class Relay {
  readonly #options: RelayOptions
  readonly #session: ClientSession
  readonly #stopping = new AbortController()
  readonly #leading: Leading
  #waking = new AbortController()
  #busyUntil = 0
  #counted = -Infinity
  /** Rows at once: one where a follower failed, until it is past what it failed at. */
  #most = MOST_ROWS
  /** of a single row, one after the other */
  #failures = 0
  #running: Promise<void> | undefined

  constructor(options: RelayOptions) {
    this.#options = options
    this.#session = options.store.client.startSession()
    const sessions = this.#session.id ? [this.#session.id.id] : []
    this.#leading = new Leading(options.store, RELAY_LEASE, sessions)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Finishes what it has in hand, gives back the lease. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#waking.abort()
    await this.#running
    await this.#leading.release()
    this.#forget()
    await this.#session.endSession()
  }

  /** It never gives up: while MongoDB is away the rows wait for it there. */
  async #run(): Promise<void> {
    const { log } = this.#options
    const unlisten = onOutbox(() => this.#expect())
    while (!this.#stopping.signal.aborted) {
      try {
        if (!(await this.#leads())) await this.#pause(RETRY)
        else if (await this.#relay()) await this.#pause(this.#rest())
      } catch (error) {
        this.#leading.doubt()
        if (error instanceof FollowerError) this.#failed()
        if (error instanceof OtherRelayError) log.warn('another program has taken over the relay')
        else log.error({ err: error }, 'what follows from commits could not be handed on; it is tried again')
        await this.#pause(RETRY)
      }
    }
    unlisten()
  }

  /** True when the next pass can wait. */
  async #relay(): Promise<boolean> {
    const { store, followers, log } = this.#options
    await this.#count()
    const isStuck = this.#failures >= MOST_FAILURES
    const sift = isStuck && { log }
    const count = await relayOutbox(store, this.#session, followers, { most: this.#most, ...(sift && { sift }) })
    if (count > 0) this.#expect()
    const canRest = count === 0 || (this.#most === MOST_ROWS && !this.#isAwaited())
    if (isStuck) this.#counted = -Infinity
    this.#failures = 0
    this.#most = Math.min(2 * this.#most, MOST_ROWS)
    return canRest
  }

  #isAwaited(): boolean {
    return this.#options.followers.some((each) => each.isAwaited?.())
  }

  #rest(): number {
    if (!this.#isAwaited()) return UNHURRIED
    return performance.now() < this.#busyUntil ? POLL : IDLE
  }

  #failed(): void {
    if (this.#most === 1) this.#failures++
    this.#most = 1
  }

  async #count(): Promise<void> {
    if (performance.now() - this.#counted < COUNT) return
    this.#counted = performance.now()
    const counts = await countParked(this.#options.store)
    for (const { name } of this.#options.followers) parkedVersions.set({ follower: name }, counts[name] ?? 0)
  }

  /** What only the leading one says. */
  #forget(): void {
    relayLag.reset()
    parkedVersions.reset()
    this.#counted = -Infinity
  }

  /** Something is about to be committed, or was. */
  #expect(): void {
    const isIdle = performance.now() >= this.#busyUntil
    this.#busyUntil = performance.now() + LIKELY
    if (isIdle && this.#isAwaited()) this.#waking.abort()
  }

  async #leads(): Promise<boolean> {
    const leads = await this.#leading.leads()
    if (!leads) this.#forget()
    return leads
  }

  async #pause(milliseconds: number): Promise<void> {
    this.#waking = new AbortController()
    await sleep(milliseconds, undefined, { signal: this.#waking.signal }).catch(() => undefined)
  }
}

export interface RelayStep {
  readonly most?: number
  /** What a follower fails at is parked. */
  readonly sift?: Pick<RelayOptions, 'log'>
}

/** The oldest commits; gives how many. Throws a FollowerError where a follower fails at them. */
export async function relayOutbox(
  store: Store,
  session: ClientSession,
  followers: readonly Follower[],
  { most = MOST_ROWS, sift }: RelayStep = {},
): Promise<number> {
  const rows = atOnce(await readOutbox(store, most, session))
  relayLag.set(rows[0] ? Math.max(0, Date.now() - rows[0].at.getTime()) / 1000 : 0)
  if (rows.length === 0) return 0
  const told: { readonly follower: Follower; readonly changes: readonly Change[] }[] = []
  const parked: Parked[] = []
  for (const follower of followers) {
    const changes = changesFor(follower, rows)
    const failed = sift ? await failedAt(follower, changes, session, sift.log) : []
    const bad = new Set(failed.flatMap((each) => each.changes))
    told.push({ follower, changes: changes.filter((change) => !bad.has(change)) })
    parked.push(...failed)
  }
  const afterwards = await inTransaction(session, async () => {
    const wanted: (() => void)[] = []
    for (const { follower, changes } of told) {
      const after = await followed(follower, changes, session)
      if (after) wanted.push(after)
    }
    await park(store, parked, session)
    await removeOutbox(store, rows, session)
    return wanted
  })
  for (const after of afterwards) after()
  return rows.length
}

function changesFor({ name }: Follower, rows: readonly OutboxDocument[]): Change[] {
  return inOrder(rows.flatMap((row) => (row.for === undefined || row.for === name ? row.changes : [])))
}

function atOnce(rows: readonly OutboxDocument[]): OutboxDocument[] {
  let changes = 0
  const end = rows.findIndex((row) => (changes += row.changes.length) > MOST_CHANGES)
  return rows.slice(0, end < 0 ? rows.length : Math.max(end, 1))
}

/** Versions of one resource in theirs; after a change of primary, rows may be stored in another order than they were made. */
function inOrder(changes: readonly Change[]): Change[] {
  return [...Map.groupBy(changes, ({ id }) => id).values()].flatMap((versions) => versions.sort((a, b) => a.v - b.v))
}
