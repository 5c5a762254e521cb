/**
 * Which search parameters every resource of a type has keys of (`ready`), and which are being built.
 *
 * `ready` holds only while every writer makes keys of these very parameters: one that does not takes them out before it
 * writes anything (writers.ts). A search reads it at most a second late, and that one waits until no search can still run
 * that did.
 */
import type { ClientSession } from 'mongodb'
import { parameterHashes } from '../r4/parameter-hashes.ts'
import type { ParameterHashes, TypeHashes } from '../r4/parameter-hashes.ts'
import type { Store } from './collections.ts'
import type { IndexingDocument } from './documents.ts'

const EPOCH = 'indexing'
const PATIENCE = 5_000
/** Milliseconds for which what was read of `ready` is believed. */
export const BELIEVED = 1_000

export interface BuildingState {
  readonly type: string
  readonly codes: readonly string[]
  readonly done: number
  readonly total: number
  /** until a program that writes by other parameters has ended */
  readonly waits: boolean
}

/** Parameters that cannot be searched by yet, by type. */
export type Building = ReadonlyMap<string, BuildingState>

export interface SearchState {
  /** At most a second late. */
  building(): Promise<Building>
}

export function searchState(store: Store): SearchState {
  let building: Building = new Map()
  let epoch = -1
  let of: TypeHashes | undefined
  let read = 0
  let reading: Promise<void> | undefined
  const refresh = async (hashes: TypeHashes): Promise<void> => {
    const at = Date.now()
    const now = await readEpoch(store)
    // What is being built may be ready any moment; what is ready stays so until it is said
    if (now !== epoch || of !== hashes || building.size > 0) building = buildingOf(hashes, await readIndexing(store))
    epoch = now
    of = hashes
    read = at
  }
  return {
    async building() {
      const isBelieved = Date.now() - read < BELIEVED && of === parameterHashes()
      if (!isBelieved) {
        await (reading ??= refresh(parameterHashes()).finally(() => {
          reading = undefined
        }))
      }
      return building
    },
  }
}

function buildingOf(hashes: TypeHashes, documents: readonly IndexingDocument[]): Building {
  const known = new Map(documents.map((document) => [document._id, document]))
  const missing = missingOf(hashes, documents)
  return new Map(
    [...missing].map(([type, codes]) => {
      const { done = 0, total = 0, waits = false } = known.get(type) ?? {}
      return [type, { type, codes, done, total, waits }]
    }),
  )
}

export async function readIndexing({ indexing }: Store, session?: ClientSession): Promise<IndexingDocument[]> {
  return indexing.find({}, session ? { session } : {}).toArray()
}

/** What is being built, for people. */
export async function readBuilding(store: Store): Promise<BuildingState[]> {
  const found = await readIndexing(store)
  return found
    .flatMap(({ _id: type, building, done, total, waits = false }) =>
      building ? [{ type, codes: Object.keys(building).sort(), done, total, waits }] : [],
    )
    .sort((a, b) => (a.type < b.type ? -1 : 1))
}

/** Codes, by type, whose keys not every resource has. */
export function missingOf(
  hashes: TypeHashes,
  documents: readonly IndexingDocument[],
): ReadonlyMap<string, readonly string[]> {
  const ready = new Map(documents.map((document) => [document._id, document.ready]))
  const missing = new Map<string, readonly string[]>()
  for (const [type, ofType] of hashes) {
    const codes = Object.keys(ofType).filter((code) => ready.get(type)?.[code] !== ofType[code])
    if (codes.length > 0) missing.set(type, codes)
  }
  return missing
}

/** Counts up whenever something is ready no more, in the same transaction. */
export async function readEpoch({ meta }: Store): Promise<number> {
  // A frozen server is not noticed by the driver's own timeouts in time
  return (await meta.findOne({ _id: EPOCH }, { signal: AbortSignal.timeout(PATIENCE) }))?.version ?? 0
}

export async function raiseEpoch({ meta }: Store, session: ClientSession): Promise<void> {
  await meta.updateOne({ _id: EPOCH }, { $inc: { version: 1 } }, { upsert: true, session })
}

/** These are ready, of types of which nothing was said yet. */
export async function beginIndexing({ indexing }: Store, hashes: TypeHashes): Promise<void> {
  const upserts = [...hashes].map(([_id, ready]) => ({
    updateOne: {
      filter: { _id },
      update: { $setOnInsert: { ready, run: 0, after: '', done: 0, total: 0 } },
      upsert: true,
    },
  }))
  await indexing.bulkWrite(upserts, { ordered: false })
}

/** From its beginning; false when somebody else has changed the document meanwhile. */
export async function startBuilding(
  { indexing }: Store,
  { _id, run }: Pick<IndexingDocument, '_id' | 'run'>,
  building: ParameterHashes,
  total: number,
): Promise<boolean> {
  const begin = { $set: { building, after: '', done: 0, total }, $inc: { run: 1 } }
  return (await indexing.updateOne({ _id, run }, begin)).matchedCount === 1
}

export async function advanceBuilding(
  { indexing }: Store,
  { _id, run, after }: IndexingDocument,
  progress: { readonly after: string; readonly done: number },
): Promise<void> {
  await indexing.updateOne({ _id, run, after }, { $set: progress })
}

export async function sayWaiting(
  { indexing }: Store,
  { _id, run }: Pick<IndexingDocument, '_id' | 'run'>,
  waits: boolean,
): Promise<void> {
  await indexing.updateOne({ _id, run }, { $set: { waits } })
}

/** False when it has to be done again. */
export async function finishBuilding(
  { indexing }: Store,
  { _id, run, building = {}, ready }: IndexingDocument,
): Promise<boolean> {
  const { matchedCount } = await indexing.updateOne(
    { _id, run },
    { $set: { ready: { ...ready, ...building } }, $inc: { run: 1 }, $unset: { building: 1 } },
  )
  return matchedCount === 1
}
