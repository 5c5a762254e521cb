/**
 * Everything of a type as it was at one moment, in the order of ids and without keeping a snapshot: MongoDB forgets the
 * past after minutes, and an export may take hours or be taken up again tomorrow.
 *
 * Ids never change, so a walk along them meets every resource once. What was not changed since the moment is taken as it
 * stands; of what was, the version of the moment is read, and asked the same question by MongoDB with the search keys it
 * had then. So nothing is missed because somebody changed or deleted it meanwhile.
 */
import type { Document, Filter, FindCursor } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { JsonObject } from '../r4/element-paths.ts'
import { parseJson } from '../r4/json.ts'
import { searchKeys } from '../r4/search-keys.ts'
import type { Store } from './collections.ts'
import type { ResourceDocument, VersionDocument } from './documents.ts'
import { permitFilter } from './permit-filter.ts'

export interface ExportScan {
  readonly type: string
  readonly moment: Date
  /** only what was changed after it */
  readonly since?: Date | undefined
  readonly filter?: Filter<ResourceDocument> | undefined
  /** `_id` of the last one that is done */
  readonly after: string
  /** resources in a batch at most */
  readonly most: number
}

/** Some of them, and how far the walk is with them. */
export interface ExportBatch {
  readonly found: readonly Exported[]
  readonly last: string
}

export interface Exported {
  readonly _id: string
  /** undefined: it was deleted, after `since` */
  readonly body?: string
}

type Stored = Pick<ResourceDocument, '_id' | 'u' | 'v' | 'deleted' | 'body'>
type Version = Pick<VersionDocument, '_id' | 'u' | 'v' | 'method' | 'body'>

const BATCH = 1_000
/** So many are looked up by id rather than met on a walk along all. */
const FEW = 20_000
const LOOKUPS = 16
const content = { u: 1, v: 1, deleted: 1, body: 1 } as const

export async function* exportBatches(store: Store, permit: Permit, scan: ExportScan): AsyncGenerator<ExportBatch> {
  const cursor = store.resources.find(await scanFilter(store, permit, scan), {
    projection: content,
    sort: { _id: 1 },
    hint: { _id: 1 },
    batchSize: Math.min(BATCH, scan.most),
  })
  try {
    for await (const batch of batchesOf(cursor)) {
      const last = batch.at(-1)?._id ?? scan.after
      yield { found: await asOfMoment(store, permit, scan, batch), last }
    }
  } finally {
    await cursor.close()
  }
}

/** The next batch is on its way while one is being worked on. */
async function* batchesOf(cursor: FindCursor<Stored>): AsyncGenerator<Stored[]> {
  let isMore = cursor.hasNext()
  while (await isMore) {
    const batch = cursor.readBufferedDocuments()
    isMore = cursor.hasNext()
    // A failure is met when it is awaited
    isMore.catch(() => undefined)
    yield batch
  }
}

async function scanFilter(store: Store, permit: Permit, scan: ExportScan): Promise<Filter<ResourceDocument>> {
  const { type, moment, since, filter, after } = scan
  const tt = `${permit.tenant}/${type}`
  const place = `${tt}/`
  // `0` comes after `/`
  const range = { _id: { $gt: after > place ? after : place, $lt: `${tt}0` } }
  const u = { $lte: moment, ...(since && { $gt: since }) }
  const ways: Filter<ResourceDocument>[] = [{ $and: [{ u, deleted: false }, filter ?? {}] }, { u: { $gt: moment } }]
  if (since) ways.push({ u, deleted: true })
  const ids = await fewIds(store, permit, scan, tt)
  return { $and: [permitFilter(permit), range, ...(ids ? [{ _id: { $in: ids } }] : []), { $or: ways }] }
}

/** What can be meant at all, where that is little: what was changed in the span, or what fits now and what was changed since. */
async function fewIds(store: Store, permit: Permit, scan: ExportScan, tt: string): Promise<string[] | undefined> {
  const { moment, since, filter } = scan
  if (since) return changedIds(store, permit, tt, { $gt: since, $lte: moment })
  if (!filter) return undefined
  const fitting = { $and: [permitFilter(permit), { tt }, filter] } as Filter<ResourceDocument>
  const now = await store.resources.find(fitting, { projection: { _id: 1 }, limit: FEW + 1 }).toArray()
  if (now.length > FEW) return undefined
  const changed = await changedIds(store, permit, tt, { $gt: moment })
  return changed && [...new Set([...now.map(({ _id }) => _id), ...changed])]
}

async function changedIds({ versions }: Store, permit: Permit, tt: string, u: object): Promise<string[] | undefined> {
  const filter = { $and: [permitFilter(permit), { tt, u }] } as Filter<VersionDocument>
  const marks = await versions.find(filter, { projection: { _id: 1 }, limit: FEW + 1 }).toArray()
  return marks.length > FEW ? undefined : [...new Set(marks.map(({ _id }) => _id.slice(0, _id.lastIndexOf('/'))))]
}

async function asOfMoment(
  store: Store,
  permit: Permit,
  scan: ExportScan,
  batch: readonly Stored[],
): Promise<Exported[]> {
  const { moment, since, filter } = scan
  const past = batch.filter(({ u, deleted }) => u > moment || deleted)
  if (past.length === 0) return batch as readonly Exported[] as Exported[]
  const versions = new Map<string, Version>()
  await inTurns(past, async ({ _id }) => {
    const version = await versionAt(store, _id, { $lte: moment })
    if (version && (!since || version.u > since)) versions.set(_id, version)
  })
  const fitting = await fittingOf(store, permit, filter, versions)
  return batch.flatMap((stored): Exported[] => {
    if (!past.includes(stored)) return [stored]
    const version = versions.get(stored._id)
    if (!version || !fitting.has(stored._id)) return []
    if (version.method !== 'DELETE') return [{ _id: stored._id, body: version.body }]
    return since ? [{ _id: stored._id }] : []
  })
}

async function versionAt({ versions }: Store, id: string, u: object): Promise<Version | undefined> {
  const filter = { _id: { $gt: `${id}/`, $lt: `${id}0` }, u } as Filter<VersionDocument>
  return (await versions.findOne(filter, { sort: { _id: -1 } })) ?? undefined
}

/** Which of them fit, as they were; what was deleted as it was before. */
async function fittingOf(
  store: Store,
  permit: Permit,
  filter: Filter<ResourceDocument> | undefined,
  versions: ReadonlyMap<string, Version>,
): Promise<ReadonlySet<string>> {
  if (!filter || versions.size === 0) return new Set(versions.keys())
  const documents: Document[] = []
  await inTurns([...versions], async ([id, version]) => {
    const { body, u } = version
    const text = version.method === 'DELETE' ? (await versionBefore(store, id, version))?.body : body
    const [t = '', type = ''] = id.split('/')
    if (!text) return
    documents.push({ _id: id, t, tt: `${t}/${type}`, u, deleted: false, ...searchKeys(parseJson(text) as JsonObject) })
  })
  const stages = [
    { $documents: documents },
    { $match: { $and: [permitFilter(permit), filter] } },
    { $project: { _id: 1 } },
  ]
  const found = documents.length === 0 ? [] : await store.db.aggregate<{ _id: string }>(stages).toArray()
  return new Set(found.map(({ _id }) => _id))
}

async function versionBefore({ versions }: Store, id: string, { _id }: Version): Promise<Version | undefined> {
  return (await versions.findOne({ _id: { $gt: `${id}/`, $lt: _id } }, { sort: { _id: -1 } })) ?? undefined
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += LOOKUPS) {
    await Promise.all(items.slice(start, start + LOOKUPS).map(work))
  }
}
