/** Is the projection caught up, and what did it make of each system? For probes, `status` and the line "ready". */
import { readBackfills } from '../store/backfills.ts'
import type { Store } from '../store/collections.ts'
import { countLate } from '../store/owed.ts'
import { countProblems } from '../store/problems.ts'
import { countProjected, readLease } from '../store/status.ts'
import { isOwnerDead } from '../store/owner.ts'
import type { Plan, Source } from './plan.ts'
import { PROJECTION_LEASE } from './worker.ts'

/** A probe calls it late when a change has waited this long. */
const LATE = 10_000

export interface ProjectionState {
  readonly caughtUp: boolean
  /** a worker holds the lease */
  readonly projecting: boolean
  /** collections that were never projected to their end */
  readonly waiting: number
  readonly lagMs: number
}

export async function projectionState(store: Store, plan: Plan): Promise<ProjectionState> {
  const { owner, lag } = await readLease(store, PROJECTION_LEASE)
  const projecting = owner !== undefined && !isOwnerDead(owner)
  const finished = new Set((await readBackfills(store)).flatMap(({ _id, finished }) => (finished ? [_id] : [])))
  const waiting = [...plan.collections.keys()].filter((key) => !finished.has(key)).length
  const lagMs = Math.max(0, ...Object.values(lag))
  return { caughtUp: projecting && waiting === 0 && lagMs < LATE, projecting, waiting, lagMs }
}

/** How many collections are not yet, or not wholly, projected by the plan's mappings. */
export async function countBehind(store: Store, { collections }: Plan): Promise<number> {
  const done = new Map((await readBackfills(store)).map(({ _id, hash, phase }) => [_id, phase === 'done' ? hash : '']))
  return [...collections].filter(([key, { hash }]) => done.get(key) !== hash).length
}

export interface SystemStatus {
  readonly documents: number
  readonly resources: number
  readonly problems: number
  /** messages that were due long before their row was first seen, and are not sent */
  readonly late: number
  readonly lagMs: number
}

export async function systemStatus(store: Store, sources: readonly Source[]): Promise<Record<string, SystemStatus>> {
  const figures = await countProjected(store)
  const problems = await countProblems(store)
  const late = await countLate(store)
  const { lag } = await readLease(store, PROJECTION_LEASE)
  const bySystem = Map.groupBy(sources, ({ system }) => system.system)
  return Object.fromEntries(
    [...bySystem].map(([system, instances]) => {
      const names = instances.map(({ database }) => database)
      const sum = (of: (instance: string) => number): number => names.reduce((total, name) => total + of(name), 0)
      return [
        system,
        {
          documents: sum((name) => figures.get(name)?.documents ?? 0),
          resources: sum((name) => figures.get(name)?.resources ?? 0),
          problems: problems.reduce((total, { instance, count }) => total + (names.includes(instance) ? count : 0), 0),
          late: sum((name) => late.get(name) ?? 0),
          lagMs: Math.max(0, ...names.map((name) => lag[name] ?? 0)),
        },
      ]
    }),
  )
}
