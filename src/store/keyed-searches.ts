/**
 * Searches for keys alone, or for ids, as one find of all their filters, whose index is named: each is a tight range of it, and
 * MongoDB has nothing to weigh. Whose a document is, is told by its keys.
 */
import type { Store } from './collections.ts'
import { anyOf, areDeniedAlike, askedBy } from './keyed-filter.ts'
import type { Asked } from './keyed-filter.ts'
import { atSnapshot } from './moment.ts'
import type { Instant } from './moment.ts'
import { storedIn, withLength } from './raw.ts'
import type { Found } from './search-reader.ts'
import type { Wanted } from './search-batch.ts'

export interface Keyed extends Asked {
  readonly limit: number
  /** all keys of what it finds are wanted */
  readonly withKeys: boolean
}

/** Documents of one command. */
const MOST_FOUND = 1_000
const CONTENT = { v: 1, u: 1, deleted: 1, body: 1 } as const
const FIELDS = { ...CONTENT, k: 1 } as const

/** Undefined when it asks for anything else, or in another order than that of ids. */
export function keyedOf({ filter, sort, limit, projection }: Wanted): Keyed | undefined {
  if (!projection || Object.keys(projection).some((field) => !(field in FIELDS))) return undefined
  if (Object.entries(sort).some(([field, direction]) => field !== '_id' || direction !== 1)) return undefined
  const asked = askedBy(filter)
  return asked && { ...asked, limit, withKeys: 'k' in projection }
}

/** Undefined for those of which there may be more, when the command is full. */
export async function findKeyed(
  store: Store,
  batch: readonly Keyed[],
  instant: Instant,
): Promise<{ found: (Found[] | undefined)[]; moment: string }> {
  // What all are denied is not found
  const toTell = areDeniedAlike(batch) ? batch.map((each) => ({ ...each, without: [] })) : batch
  const isToldById = toTell.every(
    ({ ids, keys, without, withKeys }) => ids && !withKeys && keys.length + without.length === 0,
  )
  const { documents, moment } = await atSnapshot(store, instant, {
    find: store.resources.collectionName,
    filter: anyOf(batch),
    projection: isToldById ? CONTENT : FIELDS,
    hint: batch[0]?.ids ? '_id_' : 'keys',
    sort: { _id: 1 },
    limit: MOST_FOUND,
  })
  const found = handedOut(toTell, storedIn(documents, keysIn(toTell)) as Found[])
  const isAll = documents.length < MOST_FOUND
  return { found: found.map((of, index) => (isAll || of.length === batch[index]?.limit ? of : undefined)), moment }
}

/** What is as long as a key that is asked for: no other needs to be read. */
function keysIn(batch: readonly Keyed[]): ReturnType<typeof withLength> | undefined {
  if (batch.some(({ withKeys }) => withKeys)) return undefined
  const keys = batch.flatMap(({ keys: lists, without }) => [...lists.flat(), ...without])
  return withLength(new Set(keys.map((key) => Buffer.byteLength(key))))
}

function handedOut(batch: readonly Keyed[], documents: readonly Found[]): Found[][] {
  const found = batch.map((): Found[] => [])
  const byMark = Map.groupBy(
    batch.flatMap(({ ids, keys: [lead = []] }, index) => (ids ?? lead).map((mark) => ({ mark, index }))),
    ({ mark }) => mark,
  )
  for (const document of documents) {
    const { _id, k = [] } = document
    const near = new Set<number>()
    const look = (mark: string): void => byMark.get(mark)?.forEach(({ index }) => near.add(index))
    look(_id)
    k.forEach(look)
    for (const index of near) {
      const search = batch[index] as Keyed
      const of = found[index] as Found[]
      if (of.length < search.limit && fits(search, _id, k)) of.push(document)
    }
  }
  return found
}

function fits({ places, ids, keys, without }: Keyed, id: string, k: readonly string[]): boolean {
  return (
    places.some((place) => id.startsWith(`${place}/`)) &&
    (!ids || ids.includes(id)) &&
    keys.every((list) => list.some((key) => k.includes(key))) &&
    !without.some((key) => k.includes(key))
  )
}
