/** Figures for probes, `status` and people: how many rows, resources and problems, and whether somebody projects. */
import type { Store } from './collections.ts'

export interface InstanceFigures {
  readonly documents: number
  readonly resources: number
}

/** Rows projected and current resources they gave, by instance. */
export async function countProjected(store: Store): Promise<Map<string, InstanceFigures>> {
  const counts = await store.rows
    .aggregate<{ _id: string } & InstanceFigures>([
      { $group: { _id: '$instance', documents: { $sum: 1 }, resources: { $sum: { $size: '$resources' } } } },
    ])
    .toArray()
  const again = await countGivenAgain(store)
  return new Map(
    counts.map(({ _id, documents, resources }) => [_id, { documents, resources: resources - (again.get(_id) ?? 0) }]),
  )
}

/** How often a resource that several rows give was counted beyond once. */
async function countGivenAgain(store: Store): Promise<Map<string, number>> {
  const counts = await store.rows
    .aggregate<{ _id: string; again: number }>([
      { $match: { deps: { $gte: '^', $lt: '_' } } },
      { $unwind: '$resources' },
      { $group: { _id: { instance: '$instance', resource: '$resources' }, rows: { $sum: 1 } } },
      { $group: { _id: '$_id.instance', again: { $sum: { $subtract: ['$rows', 1] } } } },
    ])
    .toArray()
  return new Map(counts.map(({ _id, again }) => [_id, again]))
}

export interface LeaseState {
  /** who holds it and has time left */
  readonly owner: string | undefined
  /** milliseconds the oldest waiting change has waited, by instance */
  readonly lag: Readonly<Record<string, number>>
}

export async function readLease(store: Store, name: string): Promise<LeaseState> {
  const lease = await store.leases.findOne({ _id: name })
  return { owner: lease && lease.expires > new Date() ? lease.owner : undefined, lag: lease?.lag ?? {} }
}
