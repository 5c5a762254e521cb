/** Searches of any kind as one command: each is a pipeline of its own, planned by itself; what it finds says whose it is. */
import type { Document } from 'mongodb'
import type { Store } from './collections.ts'
import type { ResourceDocument } from './documents.ts'
import { oneOf } from './filter-parts.ts'
import { atSnapshot } from './moment.ts'
import type { Instant } from './moment.ts'
import type { Beside } from './own-lists.ts'
import { beginningWith, storedIn } from './raw.ts'
import type { Wanted } from './search-batch.ts'

/** If there are more, all searches are asked as a whole. */
const MOST_BESIDE = 200

type BesideDocument = Pick<ResourceDocument, '_id' | 'k'> & { readonly s: readonly string[] }

/** Undefined for those that must be asked as a whole. */
export async function findUnited(
  store: Store,
  batch: readonly Wanted[],
  instant: Instant,
): Promise<{ found: (Document[] | undefined)[]; moment: string }> {
  const { collectionName } = store.resources
  const [first = [], ...others] = [...batch.map(pipelineOf), ...besidePipelines(batch)]
  const unions = others.map((pipeline) => ({ $unionWith: { coll: collectionName, pipeline } }))
  const { documents, moment } = await atSnapshot(store, instant, {
    aggregate: collectionName,
    pipeline: [...first, ...unions],
    allowDiskUse: true,
  })
  const byWhose = Map.groupBy(storedIn(documents, keysIn(batch)), ({ whose }) => whose as number)
  const beside = (byWhose.get(batch.length) ?? []) as BesideDocument[]
  const ofOne = ({ beside: own }: Wanted, whose: number): Document[] | undefined =>
    own && (beside.length === MOST_BESIDE || isAnySeen(own, beside)) ? undefined : (byWhose.get(whose) ?? [])
  return { found: batch.map(ofOne), moment }
}

/** Which are looked at; undefined: all. What is found beside is held against all its keys. */
function keysIn(batch: readonly Wanted[]): ReturnType<typeof beginningWith> | undefined {
  const asking = batch.filter(({ projection, beside }) => beside ?? (projection && 'k' in projection))
  const isPart = asking.every(({ keys, beside }) => keys && !beside)
  return isPart ? beginningWith([...new Set(asking.flatMap(({ keys = [] }) => keys))]) : undefined
}

/** What may be found beside the searches, for all of them together. */
function besidePipelines(batch: readonly Wanted[]): Document[][] {
  const all = batch.flatMap(({ beside = [] }) => beside)
  if (all.length === 0) return []
  const tt = oneOf([...new Set(all.map((each) => each.tt))])
  const s = oneOf([...new Set(all.flatMap(({ keys }) => keys))])
  const mark = { $addFields: { whose: batch.length } }
  return [[{ $match: { tt, s } }, { $limit: MOST_BESIDE }, { $project: { k: 1, s: 1 } }, mark]]
}

/** Only what the asker may see has a second search follow: what is hidden is not told by the time it takes. */
function isAnySeen({ tt, keys, isSeen }: Beside, documents: readonly BesideDocument[]): boolean {
  const isOfList = ({ _id, s }: BesideDocument): boolean =>
    _id.startsWith(`${tt}/`) && keys.some((key) => s.includes(key))
  return documents.some((document) => isOfList(document) && isSeen(document))
}

function pipelineOf({ filter, sort, limit, projection }: Wanted, whose: number): Document[] {
  const mark = { $addFields: { whose } }
  const limited = limit === Infinity ? [] : [{ $limit: limit }]
  if (!projection) return [{ $match: filter }, ...limited, { $count: 'count' }, mark]
  const sorted = Object.keys(sort).length === 0 ? [] : [{ $sort: sort }]
  return [{ $match: filter }, ...sorted, ...limited, { $project: projection }, mark]
}
