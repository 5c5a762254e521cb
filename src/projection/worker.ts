/**
 * The projection at work: takes the lease, follows the change stream, works off what is pending, and backfills, each in
 * turn, so that a long backfill never holds up what happens now.
 *
 * It never gives up: when the database is away it tries again, when the lease is lost it waits for it, and when changes
 * were lost (the oplog rolled over, a collection was dropped) it projects everything again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientSession } from 'mongodb'
import type { Logger } from '../kernel/logger.ts'
import { restartBackfills } from '../store/backfills.ts'
import { ChangeFeed, ChangesLostError } from '../store/change-feed.ts'
import type { Store } from '../store/collections.ts'
import type { PositionDocument } from '../store/documents.ts'
import type { Lease } from '../store/leases.ts'
import { releaseLease, renewLease, takeLease } from '../store/leases.ts'
import { LeaseLostError, PLACES, claimPosition, restartPosition } from '../store/positions.ts'
import { sessionAt } from '../store/transaction.ts'
import type { Leader } from './commit.ts'
import { isOwnerDead, ownerName } from '../store/owner.ts'
import type { DefinitionSet } from './definitions.ts'
import type { Plan } from './plan.ts'
import { hideProblems } from './problem-gauge.ts'
import { makeIndexes } from './source-indexes.ts'
import { Tasks } from './tasks.ts'

export const PROJECTION_LEASE = 'projection'
const RENEW = 2_000
const RETRY = 500

export interface WorkerOptions {
  readonly store: Store
  readonly plan: Plan
  readonly log: Logger
  readonly definitions: DefinitionSet
}

export class ProjectionWorker {
  readonly #options: WorkerOptions
  readonly #session: ClientSession
  readonly #lanes: readonly ClientSession[]
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#session = options.store.client.startSession()
    this.#lanes = PLACES.map(() => sessionAt(options.store))
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Finishes the batch in hand, gives back the lease. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    for (const session of [this.#session, ...this.#lanes]) await session.endSession()
  }

  async #run(): Promise<void> {
    const { log } = this.#options
    while (!this.#stopping.signal.aborted) {
      try {
        const lease = await this.#takeLease()
        if (lease) await this.#lead(lease)
        else await this.#pause(RETRY)
      } catch (error) {
        if (error instanceof LeaseLostError) log.warn('another worker has taken over the projection')
        else log.error({ err: error }, 'the projection was interrupted and begins again')
        await this.#pause(RETRY)
      }
    }
  }

  async #takeLease(): Promise<Lease | undefined> {
    const sessions = [this.#session, ...this.#lanes].map(({ id }) => {
      if (!id) throw new Error('a session of the projection has ended')
      return id.id
    })
    return takeLease(this.#options.store, { name: PROJECTION_LEASE, owner: ownerName(), sessions, isDead: isOwnerDead })
  }

  async #lead(lease: Lease): Promise<void> {
    const { log, store } = this.#options
    const leader: Leader = { ...this.#options, lease, session: this.#session, lanes: this.#lanes }
    const tasks = new Tasks(leader)
    const renewal = setInterval(() => void this.#renew(lease, tasks), RENEW)
    let isDone = false
    try {
      let position = await claimPosition(store, lease)
      log.info('this worker projects')
      await makeIndexes(leader)
      while (!this.#stopping.signal.aborted) position = await this.#follow(leader, tasks, position)
      isDone = true
    } finally {
      clearInterval(renewal)
      hideProblems()
      await releaseLease(store, lease, isDone).catch(() => undefined)
    }
  }

  /** Works until told to stop or until the stream is lost; then from a new position. */
  async #follow(
    { store, plan, lease, log }: Leader,
    tasks: Tasks,
    position: PositionDocument,
  ): Promise<PositionDocument> {
    const feed = new ChangeFeed(store, watchedBy(plan), position)
    try {
      await tasks.run(feed, this.#stopping.signal)
      return position
    } catch (error) {
      if (!(error instanceof ChangesLostError)) throw error
      log.error({ err: error.cause }, 'changes were lost: every collection is projected again')
      const restarted = await restartPosition(store, lease)
      await restartBackfills(store, {})
      await this.#pause(RETRY)
      return restarted
    } finally {
      await feed.close()
    }
  }

  async #renew(lease: Lease, tasks: Tasks): Promise<void> {
    try {
      await renewLease(this.#options.store, lease, tasks.lag())
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the lease of the projection could not be renewed')
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }
}

function watchedBy(plan: Plan): { database: string; collections: string[] }[] {
  const byDatabase = Map.groupBy(plan.collections.values(), ({ database }) => database)
  return [...byDatabase].map(([database, plans]) => ({
    database,
    collections: plans.map(({ collection }) => collection),
  }))
}
