/**
 * Everything of a type as it was at one moment, in the order of ids and without keeping a snapshot: MongoDB forgets the
 * past after minutes, and an export may take hours or be taken up again tomorrow.
 *
 * Ids never change, so a walk along them meets every resource once. What was not changed since the moment is taken as it
 * stands; of what was, the version of the moment is read, and asked the same question by MongoDB with the search keys it
 * had then. So nothing is missed because somebody changed or deleted it meanwhile.
 */
import type { Document, Filter, FindCursor } from 'mongodb'
import { mayAskAll } from '../access/allowed.ts'
import type { Permit } from '../access/permit.ts'
import type { JsonObject } from '../r4/element-paths.ts'
import { parseJson } from '../r4/json.ts'
import { searchKeys } from '../r4/search-keys.ts'
import type { SearchKeys } from '../r4/search-keys.ts'
import { blindSealed } from '../seal/sealed-text.ts'
import type { Store } from './collections.ts'
import type { ResourceDocument, VersionDocument } from './documents.ts'
import { opened } from './sealed-bodies.ts'
import { seenOf } from './permit-filter.ts'

export interface ExportScan {
  readonly type: string
  readonly moment: Date
  /** only what was changed after it */
  readonly since?: Date | undefined
  readonly filter?: Filter<ResourceDocument> | undefined
  readonly sieve?: Sieve | undefined
  /** `_id` of the last one that is done */
  readonly after: string
  /** resources in a batch at most */
  readonly most: number
}

/** Which of a batch are meant, where that is more than a filter can say. */
export type Sieve = (batch: readonly Candidate[]) => Promise<ReadonlySet<string>>

/** Which resources of a type are meant; both hold, where they are there. */
export interface Members {
  readonly filter?: Filter<ResourceDocument>
  readonly sieve?: Sieve
}

/** A resource, and what it is found by. */
export type Candidate = Pick<ResourceDocument, '_id' | 'k'>

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

type Stored = Pick<ResourceDocument, '_id' | 'u' | 'v' | 'deleted' | 'body'> & Partial<Candidate>
type Version = Pick<VersionDocument, '_id' | 'u' | 'v' | 'method' | 'body'>

const BATCH = 1_000
/** So many are looked up by id rather than met on a walk along all. */
const FEW = 20_000
const LOOKUPS = 16
const content = { u: 1, v: 1, deleted: 1, body: 1 } as const

export async function* exportBatches(store: Store, permit: Permit, asked: ExportScan): AsyncGenerator<ExportBatch> {
  const scan = { ...asked, filter: permitted(permit, asked) }
  const cursor = store.resources.find(await scanFilter(store, permit, scan), {
    projection: scan.sieve ? { ...content, k: 1 } : content,
    sort: { _id: 1 },
    hint: { _id: 1 },
    batchSize: Math.min(BATCH, scan.most),
  })
  try {
    for await (const batch of batchesOf(cursor)) {
      const last = batch.at(-1)?._id ?? scan.after
      const found = await asOfMoment(store, permit, scan, batch)
      yield { found: found.map((each) => opened(store, each)), last }
    }
  } finally {
    await cursor.close()
  }
}

/** As it was at the moment, too: what was not to be seen then is left out. */
function permitted(permit: Permit, { type, filter }: ExportScan): Filter<ResourceDocument> | undefined {
  if (mayAskAll(permit, 's', type)) return filter
  const seen = seenOf(permit, type)
  return filter ? { $and: [seen, filter] } : seen
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
  return { $and: [{ t: permit.tenant }, range, ...(ids ? [{ _id: { $in: ids } }] : []), { $or: ways }] }
}

/** What can be meant at all, where that is little: what was changed in the span, or what fits now and what was changed since. */
async function fewIds(store: Store, permit: Permit, scan: ExportScan, tt: string): Promise<string[] | undefined> {
  const { moment, since, filter } = scan
  if (since) return changedIds(store, permit, tt, { $gt: since, $lte: moment })
  if (!filter) return undefined
  const fitting = { $and: [{ t: permit.tenant, tt }, filter] } as Filter<ResourceDocument>
  const now = await store.resources.find(fitting, { projection: { _id: 1 }, limit: FEW + 1 }).toArray()
  if (now.length > FEW) return undefined
  const changed = await changedIds(store, permit, tt, { $gt: moment })
  return changed && [...new Set([...now.map(({ _id }) => _id), ...changed])]
}

async function changedIds({ versions }: Store, permit: Permit, tt: string, u: object): Promise<string[] | undefined> {
  const filter = { t: permit.tenant, tt, u } as Filter<VersionDocument>
  const marks = await versions.find(filter, { projection: { _id: 1 }, limit: FEW + 1 }).toArray()
  return marks.length > FEW ? undefined : [...new Set(marks.map(({ _id }) => _id.slice(0, _id.lastIndexOf('/'))))]
}

async function asOfMoment(
  store: Store,
  permit: Permit,
  scan: ExportScan,
  batch: readonly Stored[],
): Promise<readonly Exported[]> {
  const past = batch.filter(({ u, deleted }) => u > scan.moment || deleted)
  if (past.length === 0 && !scan.sieve) return batch
  const versions = await versionsThen(store, scan, past)
  const meant = await meantOf(store, permit, scan, { current: batch.filter((each) => !past.includes(each)), versions })
  return batch.flatMap((stored): Exported[] => {
    const { _id } = stored
    if (!meant.has(_id)) return []
    const version = versions.get(_id)
    if (!version) return [stored]
    if (version.method !== 'DELETE') return [{ _id, body: version.body }]
    return scan.since ? [{ _id }] : []
  })
}

async function versionsThen(
  store: Store,
  { moment, since }: ExportScan,
  past: readonly Stored[],
): Promise<ReadonlyMap<string, Version>> {
  const versions = new Map<string, Version>()
  await inTurns(past, async ({ _id }) => {
    const version = await versionAt(store, _id, { $lte: moment })
    if (version && (!since || version.u > since)) versions.set(_id, version)
  })
  return versions
}

async function versionAt({ versions }: Store, id: string, u: object): Promise<Version | undefined> {
  const filter = { _id: { $gt: `${id}/`, $lt: `${id}0` }, u } as Filter<VersionDocument>
  return (await versions.findOne(filter, { sort: { _id: -1 } })) ?? undefined
}

interface Found {
  readonly current: readonly Stored[]
  /** of what was changed since */
  readonly versions: ReadonlyMap<string, Version>
}

/** `_id`s of what fits: the current ones do already, the others as they were. */
async function meantOf(
  store: Store,
  permit: Permit,
  { filter, sieve }: ExportScan,
  { current, versions }: Found,
): Promise<ReadonlySet<string>> {
  if (!filter && !sieve) return new Set([...current.map(({ _id }) => _id), ...versions.keys()])
  const then = await documentsThen(store, versions)
  const fitting = filter ? await fittingOf(store, permit, filter, then) : then
  const all: Candidate[] = [...current.map(({ _id, k = [] }) => ({ _id, k })), ...fitting]
  return sieve ? sieve(all) : new Set(all.map(({ _id }) => _id))
}

type Then = Candidate & Document

/** With the search keys they had; what was deleted as it was before. */
async function documentsThen(store: Store, versions: ReadonlyMap<string, Version>): Promise<Then[]> {
  const documents: Then[] = []
  await inTurns([...versions], async ([id, version]) => {
    const { body, u } = version
    const text = version.method === 'DELETE' ? (await versionBefore(store, id, version))?.body : body
    const [t = '', type = ''] = id.split('/')
    if (!text) return
    documents.push({ _id: id, t, tt: `${t}/${type}`, u, deleted: false, ...keysOf(store, id, text) })
  })
  return documents
}

/** As the resource had them. */
function keysOf({ seals }: Store, id: string, text: string): SearchKeys {
  return searchKeys(parseJson(blindSealed(seals, id, text)) as JsonObject)
}

async function fittingOf(
  { db }: Store,
  permit: Permit,
  filter: Filter<ResourceDocument>,
  documents: readonly Then[],
): Promise<Then[]> {
  if (documents.length === 0) return []
  const stages = [
    { $documents: documents },
    { $match: { $and: [{ t: permit.tenant }, filter] } },
    { $project: { _id: 1 } },
  ]
  const found = new Set((await db.aggregate<{ _id: string }>(stages).toArray()).map(({ _id }) => _id))
  return documents.filter(({ _id }) => found.has(_id))
}

async function versionBefore({ versions }: Store, id: string, { _id }: Version): Promise<Version | undefined> {
  return (await versions.findOne({ _id: { $gt: `${id}/`, $lt: _id } }, { sort: { _id: -1 } })) ?? undefined
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += LOOKUPS) {
    await Promise.all(items.slice(start, start + LOOKUPS).map(work))
  }
}
