/** A backfill that only looks: what it would create, change and delete, counted, the first changes element by element. */
import type { Store } from '../store/collections.ts'
import type { Changes } from '../store/projected.ts'
import { readBodies } from '../store/projected.ts'
import { onSnapshot } from '../store/transaction.ts'
import { pagesOf } from './backfill.ts'
import type { Difference } from './difference.ts'
import { differences } from './difference.ts'
import type { CollectionPlan, Plan } from './plan.ts'
import type { Projection } from './project.ts'
import { projectRows } from './project.ts'

export interface DryRunCounts {
  rows: number
  create: number
  update: number
  delete: number
  unchanged: number
  problems: number
}

export interface DryRunChange {
  /** `<tenant>/<Type>/<id>` */
  readonly resource: string
  readonly differences: readonly Difference[]
}

export interface DryRun {
  readonly counts: DryRunCounts
  readonly changes: readonly DryRunChange[]
}

/** `shown` changes at most are spelled out. */
export async function dryRun(store: Store, plan: Plan, collection: CollectionPlan, shown: number): Promise<DryRun> {
  const counts: DryRunCounts = { rows: 0, create: 0, update: 0, delete: 0, unchanged: 0, problems: 0 }
  const changes: DryRunChange[] = []
  const session = store.client.startSession()
  try {
    for await (const refs of pagesOf(store, collection)) {
      await onSnapshot(session, async (inside) => {
        const projection = await projectRows(store, plan, refs, inside, { onlyChanged: false, now: new Date() })
        add(counts, projection)
        const updates = projection.changes.resources.filter(isUpdate).slice(0, shown - changes.length)
        const bodies = await readBodies(
          store,
          updates.map(({ document }) => document._id),
          inside,
        )
        for (const { document } of updates) {
          changes.push({
            resource: document._id,
            differences: differences(bodies.get(document._id) ?? '', document.body),
          })
        }
      })
    }
  } finally {
    await session.endSession()
  }
  return { counts, changes }
}

function isUpdate({ version, replaces }: Changes['resources'][number]): boolean {
  return version.method === 'PUT' && replaces > 0
}

function add(counts: DryRunCounts, { batch, changes, unchanged }: Projection): void {
  const methods = Map.groupBy(changes.resources, ({ version }) => version.method)
  counts.rows += batch.length
  counts.create += methods.get('POST')?.length ?? 0
  counts.update += methods.get('PUT')?.length ?? 0
  counts.delete += methods.get('DELETE')?.length ?? 0
  counts.unchanged += unchanged
  counts.problems += changes.problems.length
}
