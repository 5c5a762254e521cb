/**
 * Searches of one turn of the event loop go out as one command (facts: the driver's round trip costs more than a search that
 * finds little). Each is a pipeline of its own, planned by itself; what it finds says whose it is.
 *
 * Only for what few resources fit: all wait for the slowest.
 */
import type { Document, Filter, Sort } from 'mongodb'
import { MongoServerError } from 'mongodb'
import type { Store } from './collections.ts'
import type { ResourceDocument } from './documents.ts'
import { timeOf, timestampOf } from './moment.ts'
import type { SnapshotSession, Time } from './moment.ts'

export interface Wanted {
  readonly filter: Filter<ResourceDocument>
  readonly sort: Sort
  readonly limit: number
  /** what is wanted of each document; undefined: how many there are */
  readonly projection: Readonly<Record<string, 1>> | undefined
}

interface Answer {
  readonly found: Document[]
  /** at which it was */
  readonly moment: string
}

/** `moment`: which one; undefined: now. */
export type SearchBatch = (wanted: Wanted, moment: string | undefined) => Promise<Answer>

/** In one command, which mongod does one after the other. */
const MOST = 32
/** Commands under way; searches that come meanwhile gather for the next. */
const UNDER_WAY = 2

interface Waiting {
  readonly wanted: Wanted
  readonly moment: string | undefined
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

export function searchBatch(store: Store, time: () => Time): SearchBatch {
  let waiting: Waiting[] = []
  let underWay = 0
  let isPlanned = false
  const plan = (): void => {
    if (isPlanned || waiting.length === 0 || underWay === UNDER_WAY) return
    isPlanned = true
    setImmediate(send)
  }
  const send = (): void => {
    isPlanned = false
    underWay++
    const batch = waiting.filter(({ moment }) => moment === waiting[0]?.moment).slice(0, MOST)
    waiting = waiting.filter((each) => !batch.includes(each))
    void answer(store, batch, time).finally(() => {
      underWay--
      plan()
    })
    plan()
  }
  return (wanted, moment) =>
    new Promise((resolve, reject) => {
      waiting.push({ wanted, moment, resolve, reject })
      plan()
    })
}

/** When they fail together, each is tried alone: somebody else's may be what failed. */
async function answer(store: Store, batch: readonly Waiting[], time: () => Time): Promise<void> {
  try {
    const { found, moment } = await findAll(store, batch, time())
    for (const [index, { resolve }] of batch.entries()) resolve({ found: found.get(index) ?? [], moment })
  } catch (error) {
    if (batch.length > 1 && error instanceof MongoServerError) {
      await Promise.all(batch.map((each) => answer(store, [each], time)))
    } else for (const { reject } of batch) reject(error)
  }
}

interface AllFound {
  readonly found: ReadonlyMap<number, Document[]>
  readonly moment: string
}

async function findAll({ client, resources }: Store, batch: readonly Waiting[], time: Time): Promise<AllFound> {
  const [first = [], ...others] = batch.map(({ wanted }, index) => pipelineOf(wanted, index))
  const unions = others.map((pipeline) => ({ $unionWith: { coll: resources.collectionName, pipeline } }))
  const session: SnapshotSession = client.startSession({ snapshot: true })
  const moment = batch[0]?.moment
  if (moment !== undefined) session.snapshotTime = timestampOf(moment)
  try {
    const options = {
      ...time,
      session,
      readConcern: { level: 'snapshot' },
      allowDiskUse: true,
      batchSize: 1_000,
    } as const
    const found = await resources.aggregate([...first, ...unions], options).toArray()
    if (!session.snapshotTime) throw new Error('MongoDB gave no time to a search at one moment.')
    return { found: Map.groupBy(found, ({ whose }) => whose as number), moment: timeOf(session.snapshotTime) }
  } finally {
    await session.endSession()
  }
}

function pipelineOf({ filter, sort, limit, projection }: Wanted, whose: number): Document[] {
  const mark = { $addFields: { whose } }
  const limited = limit === Infinity ? [] : [{ $limit: limit }]
  if (!projection) return [{ $match: filter }, ...limited, { $count: 'count' }, mark]
  const sorted = Object.keys(sort).length === 0 ? [] : [{ $sort: sort }]
  return [{ $match: filter }, ...sorted, ...limited, { $project: projection }, mark]
}
