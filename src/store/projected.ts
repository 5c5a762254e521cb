/**
 * What the projection reads of and writes to the gateway's own collections, inside its transaction.
 *
 * Writes go out grouped by collection: a round trip costs more than the document in it.
 */
import type { AnyBulkWriteOperation, ClientSession } from 'mongodb'
import { ObjectId } from 'mongodb'
import type { SearchKeys } from '../r4/search-keys.ts'
import type { Store } from './collections.ts'
import type {
  Origin,
  PendingDocument,
  ProblemDocument,
  ResourceDocument,
  RowDocument,
  TenantDocument,
  VersionDocument,
} from './documents.ts'
import type { Reader } from './reads.ts'
import { outboxRow } from './outbox.ts'
import { Reads, at, findAmong } from './reads.ts'
import { countChange, restricts } from './restrictions.ts'
import { opened, sealedWrite } from './sealed-bodies.ts'
import { TooManyError } from './snapshot.ts'
import type { RowRef } from './row-id.ts'
import type { Statement } from './write-command.ts'
import { writeAll } from './write-command.ts'
import { assertMayWrite } from './writers.ts'

/** What is known of a current or deleted resource before a batch. */
export interface ResourceState {
  readonly v: number
  readonly u: Date
  readonly hash: string
  readonly deleted: boolean
  readonly row: string | undefined
  readonly mapping: string | undefined
  readonly mappingHash: string | undefined
  readonly beside: string | undefined
  readonly keyHash: string | undefined
}

export interface ResourceWrite {
  readonly document: Omit<ResourceDocument, keyof SearchKeys>
  /** undefined: those of the version it replaces */
  readonly keys: SearchKeys | undefined
  readonly version: VersionDocument
  /** where its text is to be sealed; here it is in clear (sealed-bodies.ts) */
  readonly sealed?: ReadonlySet<string>
  /** version it replaces; 0 for a new one */
  readonly replaces: number
}

/** Of what is deleted. */
export const NO_KEYS: SearchKeys = { k: [], d: [], n: [], o: {}, s: [], w: null, c: '' }

/** Everything one batch changes. */
export interface Changes {
  readonly resources: readonly ResourceWrite[]
  /** unchanged resources that another row, or another version of the mapping, gives now: `_id` → which */
  readonly moved: ReadonlyMap<string, Origin>
  readonly newRows: readonly RowDocument[]
  readonly rows: readonly RowDocument[]
  /** rows that changed and lean on the same things as before: `_id` → hash */
  readonly hashes: ReadonlyMap<string, string>
  readonly goneRows: readonly string[]
  readonly problems: readonly ProblemDocument[]
  readonly solved: readonly string[]
  readonly tenants: readonly TenantDocument[]
  readonly goneTenants: readonly string[]
  /** what changed for rows outside the batch, in lists of `deps` */
  readonly pending: readonly (readonly string[])[]
}

export async function readRowDocuments(
  store: Store,
  ids: readonly string[],
  reader: Reader | undefined,
): Promise<RowDocument[]> {
  return findAmong(reader, store.rows, '_id', ids)
}

/** Rows that lean on any of `deps`, in order of their ids. */
export async function readDependents(
  store: Store,
  deps: readonly string[],
  { after, limit }: { readonly after: string; readonly limit: number },
  reader: Reader,
): Promise<(RowRef & { readonly id: string })[]> {
  if (deps.length === 0) return []
  const gathered = after === '' && reader instanceof Reads ? await gatherDependents(store, deps, reader) : undefined
  if (gathered) return gathered.slice(0, limit)
  const found = await store.rows
    .find({ deps: { $in: [...deps] }, ...(after !== '' && { _id: { $gt: after } }) }, { ...at(reader), hint: 'deps' })
    .project<Pick<RowDocument, '_id' | 'instance' | 'collection' | 'row'>>({ instance: 1, collection: 1, row: 1 })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray()
  return found.map(({ _id, instance, collection, row }) => ({ instance, collection, _id: row, id: _id }))
}

/** More than all writes of a wave together are likely to find. */
const MOST_GATHERED = 2_000

/** Together with what others ask; undefined when that is too much. */
async function gatherDependents(
  store: Store,
  deps: readonly string[],
  reads: Reads,
): Promise<(RowRef & { readonly id: string })[] | undefined> {
  const projection = { instance: 1, collection: 1, row: 1, deps: 1 }
  try {
    const found = await findAmong(reads, store.rows, 'deps', deps, { projection, most: MOST_GATHERED })
    return found
      .map(({ _id, instance, collection, row }) => ({ instance, collection, _id: row, id: _id }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  } catch (error) {
    if (error instanceof TooManyError) return undefined
    throw error
  }
}

/** The rows of a collection (`<instance>/<collection>`) that were projected, in order of their ids. */
export async function readTrackedRows(
  store: Store,
  collection: string,
  after: string,
  limit: number,
): Promise<(RowRef & { readonly id: string })[]> {
  // `0` follows `/`: the range of all ids that start with the collection and a slash
  const found = await store.rows
    .find({ _id: { $gt: after === '' ? `${collection}/` : after, $lt: `${collection}0` } })
    .project<Pick<RowDocument, '_id' | 'instance' | 'collection' | 'row'>>({ instance: 1, collection: 1, row: 1 })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray()
  return found.map(({ _id, instance, collection: name, row }) => ({ instance, collection: name, _id: row, id: _id }))
}

type StateDocument = Pick<ResourceDocument, '_id' | 'v' | 'u' | 'hash' | 'deleted' | 'origin' | 'beside' | 'keyHash'>

export async function readStates(
  store: Store,
  ids: readonly string[],
  reader: Reader,
): Promise<Map<string, ResourceState>> {
  if (ids.length === 0) return new Map()
  const projection = { v: 1, u: 1, hash: 1, deleted: 1, origin: 1, beside: 1, keyHash: 1 }
  const found: StateDocument[] = await findAmong(reader, store.resources, '_id', ids, { projection })
  return new Map(
    found.map(({ _id, v, u, hash, deleted, origin, beside, keyHash }) => [
      _id,
      { v, u, hash, deleted, ...giverOf(origin), beside, keyHash },
    ]),
  )
}

export function giverOf(origin: Origin | undefined): Pick<ResourceState, 'row' | 'mapping' | 'mappingHash'> {
  return { row: origin?.row, mapping: origin?.mapping, mappingHash: origin?.mappingHash }
}

export async function readBodies(
  store: Store,
  ids: readonly string[],
  session: ClientSession,
): Promise<Map<string, string>> {
  const found = await store.resources
    .find({ _id: { $in: [...ids] } }, { session })
    .project<Pick<ResourceDocument, '_id' | 'body'>>({ body: 1 })
    .toArray()
  return new Map(found.map((each) => [each._id, opened(store, each).body]))
}

export async function readTenants(
  store: Store,
  filter: { readonly instance: string; readonly keys: readonly string[] } | { readonly slugs: readonly string[] },
  reader: Reader,
): Promise<TenantDocument[]> {
  if ('slugs' in filter) return findAmong(reader, store.tenants, '_id', filter.slugs)
  return findAmong(reader, store.tenants, 'key', filter.keys, { where: { instance: filter.instance } })
}

export async function writeChanges(store: Store, changes: Changes, session: ClientSession): Promise<void> {
  if (changes.resources.length > 0) assertMayWrite(store)
  const bulk = { session, ordered: false } as const
  const { newRows, rows, hashes, goneRows, problems, tenants } = changes
  const resources = changes.resources.map((write) => sealedWrite(store, write))
  const writes: readonly (readonly [number, () => Promise<unknown>])[] = [
    [resources.length + changes.moved.size, () => writeResources(store, resources, changes.moved, session)],
    [
      resources.length,
      () => writeAll(store, 'insert', store.versions, { statements: resources.map(versionOf), session }),
    ],
    [
      newRows.length + rows.length + hashes.size + goneRows.length,
      () => store.rows.bulkWrite(rowOperations(changes), bulk),
    ],
    [problems.length + changes.solved.length, () => store.problems.bulkWrite(problemOperations(changes), bulk)],
    [
      changes.goneTenants.length,
      () => store.tenants.deleteMany({ _id: { $in: [...changes.goneTenants] } }, { session }),
    ],
    [tenants.length, () => store.tenants.bulkWrite(tenants.map(replace), bulk)],
    [changes.pending.length, () => store.pending.insertMany(changes.pending.map(pendingOf), bulk)],
    [resources.length, () => store.outbox.insertOne(outboxRow(resources), { session })],
  ]
  for (const [count, write] of writes) if (count > 0) await write()
  const restricting = resources.filter(({ document }) => restricts(document.tt.slice(document.t.length + 1)))
  await countChange(
    store,
    restricting.map(({ document }) => document.t),
    session,
  )
}

async function writeResources(
  store: Store,
  resources: Changes['resources'],
  moved: Changes['moved'],
  session: ClientSession,
): Promise<void> {
  const inserts = resources.filter(({ replaces }) => replaces === 0).map(insertOf)
  const updates = [
    ...resources.filter(({ replaces }) => replaces > 0).map(updateOf),
    ...[...moved].map(([_id, origin]) => ({ document: { q: { _id }, u: { $set: { origin } } }, text: 0 })),
  ]
  await writeAll(store, 'insert', store.resources, { statements: inserts, session })
  await writeAll(store, 'update', store.resources, { statements: updates, session })
}

/**
 * Field by field: what is set to what it was costs neither an index entry nor a line of the oplog. By `_id` alone, which
 * needs no planner: that the version is still the one that was read is the transaction's business.
 */
function updateOf({ document, keys }: ResourceWrite): Statement {
  const { _id, t: _t, tt: _tt, ...fields } = document
  const unset = fields.beside === undefined && { $unset: { beside: 1 } as const }
  return { document: { q: { _id }, u: { $set: { ...fields, ...keys }, ...unset } }, text: document.body.length }
}

function insertOf({ document, keys = NO_KEYS }: ResourceWrite): Statement {
  return { document: { ...document, ...keys }, text: document.body.length }
}

function versionOf({ version, document }: ResourceWrite): Statement {
  return { document: version, text: document.body.length }
}

function rowOperations({ newRows, rows, hashes, goneRows }: Changes): AnyBulkWriteOperation<RowDocument>[] {
  return [
    ...newRows.map((document) => ({ insertOne: { document } })),
    ...rows.map(replace),
    ...(hashes.size > 0 ? [updateHashes(hashes)] : []),
    ...goneRows.map((_id) => ({ deleteOne: { filter: { _id } } })),
  ]
}

/** All in one update, each takes its own out of a list: one update each costs three times as much. */
function updateHashes(hashes: Changes['hashes']): AnyBulkWriteOperation<RowDocument> {
  const ids = [...hashes.keys()]
  const index = { $indexOfArray: [{ $literal: ids }, '$_id'] }
  const hash = { $arrayElemAt: [{ $literal: [...hashes.values()] }, index] }
  return { updateMany: { filter: { _id: { $in: ids } }, update: [{ $set: { hash } }] } }
}

function problemOperations({ problems, solved }: Changes): AnyBulkWriteOperation<ProblemDocument>[] {
  const upserts = problems.map(({ _id, since, ...problem }) => ({
    updateOne: { filter: { _id }, update: { $set: problem, $setOnInsert: { since } }, upsert: true },
  }))
  return [...upserts, ...solved.map((_id) => ({ deleteOne: { filter: { _id } } }))]
}

function replace<T extends { readonly _id: string }>(document: T) {
  return { replaceOne: { filter: { _id: document._id } as never, replacement: document, upsert: true } }
}

function pendingOf(deps: readonly string[]): PendingDocument {
  return { _id: new ObjectId(), deps, after: '' }
}
