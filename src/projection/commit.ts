/**
 * Projects a batch and commits it together with the progress it stands for: the stream's token, a backfill's place.
 *
 * A row whose changes cannot be stored at all (a resource over 16 MB) would hold up everything behind it: the batch is
 * split until that row stands alone, and it is parked as a problem (fault 15).
 */
import type { ClientSession } from 'mongodb'
import type { Logger } from '../kernel/logger.ts'
import { projectedResources, projectedRows, warnings } from '../kernel/metrics.ts'
import { BackfillRestartedError } from '../store/backfills.ts'
import type { Store } from '../store/collections.ts'
import { isPassing } from '../store/failures.ts'
import type { Lease } from '../store/leases.ts'
import { LeaseLostError, advancePosition } from '../store/positions.ts'
import { parkRow } from '../store/problems.ts'
import { writeChanges } from '../store/projected.ts'
import type { RowRef } from '../store/row-id.ts'
import { inTransaction } from '../store/transaction.ts'
import type { DefinitionSet } from './definitions.ts'
import type { Plan } from './plan.ts'
import type { Projection } from './project.ts'
import { projectRows } from './project.ts'

/** What a worker that holds the lease works with. */
export interface Leader {
  readonly store: Store
  readonly plan: Plan
  readonly lease: Lease
  readonly session: ClientSession
  /** sessions of batches of the stream that are read and written at once (ahead.ts) */
  readonly lanes: readonly ClientSession[]
  readonly log: Logger
  /** of this gateway, for every tenant */
  readonly definitions: DefinitionSet
}

export interface BatchOptions {
  readonly onlyChanged: boolean
  /** resume token of the last change in the batch */
  readonly token?: unknown
  /** written in the same transaction */
  progress?(session: ClientSession): Promise<void>
}

export interface Committed {
  /** some rows follow in later transactions */
  readonly pending: boolean
  /** resources the rows give, changed or not */
  readonly given: number
}

export async function commitBatch(leader: Leader, refs: readonly RowRef[], options: BatchOptions): Promise<Committed> {
  try {
    return count(await commitOnce(leader, refs, options))
  } catch (error) {
    if (refs.length === 0 || !isPoison(error)) throw error
    const pending = await commitApart(leader, refs, options.onlyChanged, error)
    await commitOnce(leader, [], options)
    return { pending, given: 0 }
  }
}

async function commitOnce(leader: Leader, refs: readonly RowRef[], options: BatchOptions): Promise<Projection> {
  const { store, plan, lease } = leader
  return inTransaction(leader.session, async (session) => {
    const projection = await projectRows(store, plan, refs, session, { ...options, now: new Date() })
    await writeChanges(store, projection.changes, session)
    await options.progress?.(session)
    await advancePosition(store, lease, options.token, session)
    return projection
  })
}

async function commitApart(
  leader: Leader,
  refs: readonly RowRef[],
  onlyChanged: boolean,
  error: unknown,
): Promise<boolean> {
  if (refs.length === 1) {
    await park(leader, refs[0] as RowRef, error)
    return false
  }
  const middle = refs.length >> 1
  let pending = false
  for (const half of [refs.slice(0, middle), refs.slice(middle)]) {
    try {
      pending = count(await commitOnce(leader, half, { onlyChanged })).pending || pending
    } catch (halfError) {
      if (!isPoison(halfError)) throw halfError
      pending = (await commitApart(leader, half, onlyChanged, halfError)) || pending
    }
  }
  return pending
}

async function park({ store, lease, session, log }: Leader, ref: RowRef, error: unknown): Promise<void> {
  log.error(
    { err: error, collection: ref.collection, instance: ref.instance },
    'a row cannot be stored and is set aside',
  )
  const kind = error instanceof Error ? error.name : typeof error
  await inTransaction(session, async (inside) => {
    await parkRow(store, ref, `what it gives cannot be stored (${kind})`, inside)
    await advancePosition(store, lease, undefined, inside)
  })
}

function isPoison(error: unknown): boolean {
  return !isPassing(error) && !(error instanceof LeaseLostError) && !(error instanceof BackfillRestartedError)
}

export function count({ batch, changes, warnings: kept }: Projection): Committed {
  for (const [system, rows] of Map.groupBy(batch, ({ plan }) => plan?.source.system.system ?? 'unmapped')) {
    projectedRows.inc({ system }, rows.length)
  }
  const kinds = Map.groupBy(changes.resources, ({ document, version }) => `${systemOf(document)} ${version.method}`)
  for (const [kind, writes] of kinds) {
    const [system = '', change = ''] = kind.split(' ')
    projectedResources.inc({ system, change }, writes.length)
  }
  for (const { mapping, rule } of kept) warnings.inc({ mapping, rule })
  const given = batch.reduce((sum, { parts }) => sum + parts.length, 0)
  return { pending: changes.pending.length > 0, given }
}

function systemOf({ origin }: Projection['changes']['resources'][number]['document']): string {
  return origin?.mapping.split('/')[0] ?? 'unmapped'
}
