/** What the leading worker does in turn: changes, what is pending, backfill, and a little housekeeping when idle. */
import { setTimeout as sleep } from 'node:timers/promises'
import { projectionLag } from '../kernel/metrics.ts'
import type { BackfillProgress } from '../store/backfills.ts'
import { BackfillRestartedError, restartBackfills } from '../store/backfills.ts'
import type { ChangeFeed, SourceChange } from '../store/change-feed.ts'
import type { BackfillDocument } from '../store/documents.ts'
import { advancePending, hasPending, readPending } from '../store/pending.ts'
import { advancePosition } from '../store/positions.ts'
import { countProblems } from '../store/problems.ts'
import type { RowRef } from '../store/row-id.ts'
import { collectionKey, rowId } from '../store/row-id.ts'
import { FIRST_PACE, findBackfills, openBackfills, stepBackfill } from './backfill.ts'
import { Ahead } from './ahead.ts'
import type { Committed, Leader } from './commit.ts'
import { commitBatch } from './commit.ts'
import { publishDefinitions, unpublished } from './definitions.ts'
import { showProblems } from './problem-gauge.ts'
import { Reindex } from './reindex.ts'
import { makeIndexes } from './source-indexes.ts'

/** When more wait, larger batches catch up faster: rows written again and again are read once. */
const MOST_CHANGES = 500
const PENDING_PAGE = 250
const IDLE = 1_000
/** A transaction costs the same for one change and for twenty: after a few, changes gather for a moment. */
const REST = 15
/** After so many the next ones have gathered already, while the transaction ran: resting would only add to the wait. */
const BUSY = 12
/** So many are worth a batch of their own while the one before them is being written; fewer wait for it. */
const WORTH_A_BATCH = 25
const KEEP_TOKEN = 10_000

export class Tasks {
  readonly #leader: Leader
  readonly #ahead: Ahead
  readonly #reindex: Reindex
  #backfills: BackfillDocument[] = []
  #pace = FIRST_PACE
  #pending = true
  #unpublished: string[] = []
  #feed: ChangeFeed | undefined
  #cared = 0
  #kept = Date.now()

  constructor(leader: Leader) {
    this.#leader = leader
    this.#ahead = new Ahead(leader)
    this.#reindex = new Reindex(leader)
  }

  /** Whatever ends it, nothing is on its way any more. */
  async run(feed: ChangeFeed, stop: AbortSignal): Promise<void> {
    try {
      await this.#work(feed, stop)
    } finally {
      await this.#ahead.drain()
    }
  }

  async #work(feed: ChangeFeed, stop: AbortSignal): Promise<void> {
    const { store, plan } = this.#leader
    this.#feed = feed
    this.#backfills = await findBackfills(store, plan)
    this.#unpublished = await unpublished(this.#leader)
    await this.#reindex.look()
    while (!stop.aborted) {
      const changed = await this.#project(feed)
      const work = [await this.#publish(), await this.#workOff(), await this.#backfill(), await this.#reindex.step()]
      const worked = work.includes(true)
      if (Date.now() - this.#cared > IDLE) await this.#care(feed)
      if (!worked && changed < BUSY) await (changed > 0 ? sleep(REST) : feed.wait(IDLE, stop))
    }
  }

  /** Milliseconds the oldest waiting change of each instance has waited. */
  lag(): Record<string, number> {
    const now = Date.now()
    return Object.fromEntries(
      [...(this.#feed?.oldest() ?? [])].map(([name, at]) => [name, Math.max(0, now - at.getTime())]),
    )
  }

  /** How many changes there were. */
  async #project(feed: ChangeFeed): Promise<number> {
    if (this.#ahead.isWriting && feed.size < WORTH_A_BATCH) await this.#ahead.drain()
    const changes = await feed.take(MOST_CHANGES)
    const last = changes.at(-1)
    if (!last) return 0
    const refs = rowsOf(changes)
    const resets = changes.filter((change) => change.kind === 'reset')
    await this.#makeIndexes(refs)
    for (const reset of resets) await this.#reset(reset)
    const committed = ({ pending }: Committed): void => {
      this.#pending ||= pending
      this.#measure(changes)
    }
    await this.#ahead.project({ refs, token: last.token, committed })
    return changes.length
  }

  /** Rows of a dropped or renamed collection go without events of their own. */
  async #reset({ database, collections }: SourceChange & { kind: 'reset' }): Promise<void> {
    const { store, plan, log } = this.#leader
    await this.#ahead.drain()
    log.warn({ instance: database, collections }, 'a source collection was dropped or renamed: it is projected again')
    if (collections === undefined) await restartBackfills(store, { instance: database })
    for (const collection of collections ?? []) await restartBackfills(store, { instance: database, collection })
    this.#backfills = await openBackfills(store, plan)
  }

  /** One tenant at a time, so that many of them hold up no changes. */
  async #publish(): Promise<boolean> {
    const tenant = this.#unpublished.shift()
    if (tenant === undefined) return false
    await this.#ahead.drain()
    await publishDefinitions(this.#leader, tenant)
    return true
  }

  async #workOff(): Promise<boolean> {
    if (!this.#pending) return false
    await this.#ahead.drain()
    const { store, session } = this.#leader
    const page = await readPending(store, PENDING_PAGE, session)
    if (!page) {
      this.#pending = false
      return false
    }
    await commitBatch(this.#leader, page.refs, {
      onlyChanged: false,
      progress: (inside) => advancePending(store, page, inside),
    })
    return true
  }

  async #backfill(): Promise<boolean> {
    const [backfill] = this.#backfills
    if (!backfill) return false
    const { store, plan } = this.#leader
    await this.#ahead.drain()
    try {
      const { pending, progress, pace } = await stepBackfill(this.#leader, backfill, this.#pace)
      this.#pending ||= pending
      this.#pace = progress.phase === 'rows' ? pace : FIRST_PACE
      if (progress.phase === 'done') this.#finish(backfill, progress.done)
      else this.#backfills[0] = goneOn(backfill, progress)
    } catch (error) {
      if (!(error instanceof BackfillRestartedError)) throw error
      this.#backfills = await openBackfills(store, plan)
    }
    return true
  }

  #finish({ instance, collection }: BackfillDocument, rows: number): void {
    this.#backfills.shift()
    this.#leader.log.info({ instance, collection, rows }, 'collection is projected')
  }

  async #makeIndexes(refs: readonly RowRef[]): Promise<void> {
    const keys = new Set(refs.map(({ instance, collection }) => collectionKey(instance, collection)))
    await makeIndexes(
      this.#leader,
      [...keys].flatMap((key) => this.#leader.plan.collections.get(key) ?? []),
    )
  }

  /** Somebody may have asked for a backfill; new tenants; keys to make again; the gauges; the token of a quiet stream. */
  async #care(feed: ChangeFeed): Promise<void> {
    const { store, plan, lease } = this.#leader
    this.#cared = Date.now()
    const [backfills, unpublishedTenants, pending, counts] = await Promise.all([
      this.#backfills.length === 0 ? openBackfills(store, plan) : this.#backfills,
      this.#unpublished.length === 0 ? unpublished(this.#leader) : this.#unpublished,
      hasPending(store),
      countProblems(store),
      this.#reindex.look(),
    ])
    this.#backfills = backfills
    this.#unpublished = unpublishedTenants
    this.#pending ||= pending
    showProblems(plan, counts)
    if (this.#cared - this.#kept < KEEP_TOKEN) return
    await this.#ahead.drain()
    const token = await feed.idleToken()
    if (token !== undefined) await advancePosition(store, lease, token, undefined)
    this.#kept = this.#cared
  }

  #measure(changes: readonly SourceChange[]): void {
    const now = Date.now()
    for (const [instance, ofInstance] of Map.groupBy(changes, ({ database }) => database)) {
      const source = this.#leader.plan.collections.values().find((plan) => plan.instance === instance)?.source
      const oldest = ofInstance[0]?.at.getTime() ?? now
      if (source) projectionLag.set({ system: source.system.system }, Math.max(0, now - oldest) / 1000)
    }
  }
}

function goneOn({ after: _, ...backfill }: BackfillDocument, progress: BackfillProgress): BackfillDocument {
  return { ...backfill, ...progress }
}

/** Each row once: it is read as it is now, however often it changed. */
function rowsOf(changes: readonly SourceChange[]): RowRef[] {
  const refs = changes.flatMap((change): RowRef[] =>
    change.kind === 'row' ? [{ instance: change.database, collection: change.collection, _id: change._id }] : [],
  )
  return [...new Map(refs.map((ref) => [rowId(ref), ref])).values()]
}
