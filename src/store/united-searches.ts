/** Searches of any kind as one command: each is a pipeline of its own, planned by itself; what it finds says whose it is. */
import type { Document } from 'mongodb'
import type { Store } from './collections.ts'
import { atSnapshot } from './moment.ts'
import type { Instant } from './moment.ts'
import { storedIn } from './raw.ts'
import type { Wanted } from './search-batch.ts'

export async function findUnited(
  store: Store,
  batch: readonly Wanted[],
  instant: Instant,
): Promise<{ found: Document[][]; moment: string }> {
  const { resources } = store
  const [first = [], ...others] = batch.map(pipelineOf)
  const unions = others.map((pipeline) => ({ $unionWith: { coll: resources.collectionName, pipeline } }))
  const { found, moment } = await atSnapshot(store, instant, (options) =>
    resources.aggregate([...first, ...unions], { ...options, allowDiskUse: true }).toArray(),
  )
  const byWhose = Map.groupBy(storedIn(found), ({ whose }) => whose as number)
  return { found: batch.map((_, whose) => byWhose.get(whose) ?? []), moment }
}

function pipelineOf({ filter, sort, limit, projection }: Wanted, whose: number): Document[] {
  const mark = { $addFields: { whose } }
  const limited = limit === Infinity ? [] : [{ $limit: limit }]
  if (!projection) return [{ $match: filter }, ...limited, { $count: 'count' }, mark]
  const sorted = Object.keys(sort).length === 0 ? [] : [{ $sort: sort }]
  return [{ $match: filter }, ...sorted, ...limited, { $project: projection }, mark]
}
