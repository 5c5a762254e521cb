/**
 * Changes of the stream, a batch at a time: while one is written, the next is read and computed, so that the gateway and
 * the database both work all the time. Each becomes visible after the one before it.
 *
 * A batch is read at one moment, outside of any transaction, and written by a transaction at that same moment, which loses
 * when anybody has written one of its documents since (store/snapshot.ts). What it could not see, the batch before it, must
 * be apart from it. What lost, or was not apart, is projected again by itself (commit.ts).
 */
import type { ClientSession } from 'mongodb'
import type { RowDocument } from '../store/documents.ts'
import { LeaseLostError, PLACES, advancePosition } from '../store/positions.ts'
import { writeChanges } from '../store/projected.ts'
import { Past } from '../store/reads.ts'
import type { RowRef } from '../store/row-id.ts'
import { rowId } from '../store/row-id.ts'
import type { Moment } from '../store/snapshot.ts'
import { openSnapshot } from '../store/snapshot.ts'
import { NotCommittedError, commitAt } from '../store/transaction.ts'
import type { Committed, Leader } from './commit.ts'
import { commitBatch, count } from './commit.ts'
import type { Footprint } from './meetings.ts'
import { areApart, footprintOf } from './meetings.ts'
import type { Projection } from './project.ts'
import { projectRows } from './project.ts'

export interface StreamBatch {
  readonly refs: readonly RowRef[]
  /** resume token of its last change */
  readonly token: unknown
  readonly committed: (result: Committed) => void
}

interface Prepared {
  readonly batch: StreamBatch
  readonly lane: number
  readonly moment: Moment
  readonly projection: Projection
  readonly footprint: Footprint
}

interface Writing {
  readonly footprint: Footprint
  /** false: it had to be projected again */
  readonly asPrepared: Promise<boolean>
}

export class Ahead {
  readonly #leader: Leader
  /** sessions of their own, in turns: whose transaction is at an earlier moment, must not have written since */
  readonly #lanes: readonly ClientSession[]
  #turn = 0
  #writing: Writing | undefined

  constructor(leader: Leader) {
    this.#leader = leader
    this.#lanes = leader.lanes
  }

  get isWriting(): boolean {
    return this.#writing !== undefined
  }

  /** Back when the batch before it is committed and this one is on its way. */
  async project(batch: StreamBatch): Promise<void> {
    const changing = this.#writing?.footprint.documents
    if (batch.refs.some((ref) => changing?.has(rowId(ref)))) await this.drain()
    const prepared = await this.#prepare(batch)
    const before = this.#writing
    const canStay = (await before?.asPrepared) !== false
    this.#writing = undefined
    if (prepared && canStay && (!before || areApart(before.footprint, prepared.footprint))) this.#write(prepared)
    else await this.#again(batch)
  }

  /** Everything that was given is committed. */
  async drain(): Promise<void> {
    const writing = this.#writing
    this.#writing = undefined
    await writing?.asPrepared
  }

  /** Undefined when it cannot be read this way. */
  async #prepare(batch: StreamBatch): Promise<Prepared | undefined> {
    const { store, plan } = this.#leader
    const lane = this.#turn++ % this.#lanes.length
    try {
      const known = { collection: store.rows.collectionName, ids: batch.refs.map(rowId) }
      const { snapshot, documents } = await openSnapshot(store, known, this.#lanes[lane] as ClientSession)
      const { moment } = snapshot
      const options = { onlyChanged: true, now: new Date(), known: documents as unknown as readonly RowDocument[] }
      const projection = await projectRows(store, plan, batch.refs, new Past(moment), options)
      return { batch, lane, moment, projection, footprint: footprintOf(projection) }
    } catch {
      // Alone it shows what is wrong with it, and is set aside if need be
      return undefined
    }
  }

  #write(prepared: Prepared): void {
    const asPrepared = this.#commit(prepared)
    // Whoever waits for it is told
    asPrepared.catch(() => undefined)
    this.#writing = { footprint: prepared.footprint, asPrepared }
  }

  async #commit({ batch, lane, moment, projection }: Prepared): Promise<boolean> {
    const { store, lease } = this.#leader
    try {
      await commitAt(this.#lanes[lane] as ClientSession, moment, async () => {
        const session = this.#lanes[lane] as ClientSession
        await writeChanges(store, projection.changes, session)
        await advancePosition(store, lease, batch.token, session, PLACES[lane])
      })
    } catch (error) {
      if (!(error instanceof NotCommittedError)) throw error
      if (error.cause instanceof LeaseLostError) throw error.cause
      await this.#again(batch)
      return false
    }
    batch.committed(count(projection))
    return true
  }

  async #again({ refs, token, committed }: StreamBatch): Promise<void> {
    committed(await commitBatch(this.#leader, refs, { onlyChanged: true, token }))
  }
}
