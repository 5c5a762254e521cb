/**
 * Searches for keys alone, or for ids, as one find of all their filters, whose index is named: each is a tight range of it, and
 * MongoDB has nothing to weigh. Whose a document is, is told by its keys.
 */
import type { Filter } from 'mongodb'
import type { Store } from './collections.ts'
import type { ResourceDocument } from './documents.ts'
import { atSnapshot } from './moment.ts'
import type { Instant } from './moment.ts'
import { storedIn } from './raw.ts'
import type { Found } from './search-reader.ts'
import type { Wanted } from './search-batch.ts'

export interface Keyed extends Asked {
  readonly filter: Filter<ResourceDocument>
  readonly limit: number
  /** all keys of what it finds are wanted */
  readonly withKeys: boolean
}

interface Asked {
  /** what ids begin with: one of them */
  readonly places: readonly string[]
  /** one of them; undefined: any */
  readonly ids: readonly string[] | undefined
  /** of each list one */
  readonly keys: readonly (readonly string[])[]
  /** none of these, as a Permit denies */
  readonly without: readonly string[]
}

/** Keys or ids of one search. */
const MOST = 24
/** Documents of one command. */
const MOST_FOUND = 1_000
const FIELDS = { v: 1, u: 1, deleted: 1, body: 1, k: 1 } as const

/** Undefined when it asks for anything else, or in another order than that of ids. */
export function keyedOf({ filter, sort, limit, projection }: Wanted): Keyed | undefined {
  if (!projection || Object.keys(projection).some((field) => !(field in FIELDS))) return undefined
  if (Object.entries(sort).some(([field, direction]) => field !== '_id' || direction !== 1)) return undefined
  const asked = askedBy(conditionsOf(filter))
  return asked && { ...asked, filter, limit, withKeys: 'k' in projection }
}

type Condition = readonly [field: string, value: unknown]

/** What all must hold; what is denied twice (src/fhir/search/lead.ts) holds. */
function conditionsOf(filter: object): Condition[] {
  return Object.entries(filter).flatMap(([field, value]: Condition) => {
    if (field === '$and') return (value as object[]).flatMap(conditionsOf)
    const [denied] = field === '$nor' ? (value as { readonly $nor?: readonly [object] }[]) : []
    return denied?.$nor ? conditionsOf(denied.$nor[0]) : [[field, value] as const]
  })
}

function askedBy(conditions: readonly Condition[]): Asked | undefined {
  const isCurrent = conditions.some(([field, value]) => field === 'deleted' && value === false)
  const asking = conditions.filter(([field, value]) => field !== 'deleted' || value !== false)
  const without = asking.flatMap(deniedIn)
  const lists = listsIn(asking.filter((condition) => deniedIn(condition).length === 0))
  if (!lists) return undefined
  const { t, _id, k: keys } = lists
  // The search and its Permit say it both
  const tt = [...new Map(lists.tt.map((places) => [places.join(), places])).values()]
  if (t.length !== 1 || tt.length !== 1 || _id.length > 1) return undefined
  const [[tenant] = []] = t
  const [places = []] = tt
  const [ids] = _id
  if (!places.every((place) => place.startsWith(`${tenant}/`))) return undefined
  // What is deleted has no keys
  return keys.length > 0 || (ids && isCurrent) ? { places, ids, keys, without } : undefined
}

/** Keys it must not have. */
function deniedIn([field, value]: Condition): string[] {
  const { $nin } = (value ?? {}) as { readonly $nin?: readonly string[] }
  return field === 'k' && $nin ? [...$nin] : []
}

/** Undefined when there are other conditions, or too many texts. */
function listsIn(conditions: readonly Condition[]) {
  const lists = { t: [] as string[][], tt: [] as string[][], _id: [] as string[][], k: [] as string[][] }
  for (const [field, value] of conditions) {
    const texts = textsIn(value)
    if (!(field in lists) || texts.length === 0 || texts.length > MOST) return undefined
    lists[field as keyof typeof lists].push(texts)
  }
  return lists
}

/** None: it is more than to be one of some texts. */
function textsIn(value: unknown): string[] {
  const texts: unknown = typeof value === 'object' && value && '$in' in value ? value.$in : [value]
  return Array.isArray(texts) && texts.every((each) => typeof each === 'string') ? texts : []
}

/** Undefined for those of which there may be more, when the command is full. */
export async function findKeyed(
  store: Store,
  batch: readonly Keyed[],
  instant: Instant,
): Promise<{ found: (Found[] | undefined)[]; moment: string }> {
  const { found: documents, moment } = await atSnapshot(store, instant, (options) =>
    store.resources
      .find({ $or: batch.map(({ filter }) => filter) }, { ...options, projection: FIELDS })
      .hint(batch[0]?.ids ? '_id_' : 'keys')
      .sort({ _id: 1 })
      .limit(MOST_FOUND)
      .toArray(),
  )
  const found = handedOut(batch, storedIn(documents, lengthsOf(batch)) as Found[])
  const isAll = documents.length < MOST_FOUND
  return { found: found.map((of, index) => (isAll || of.length === batch[index]?.limit ? of : undefined)), moment }
}

/** In bytes, of the keys that are asked for: no other needs to be read. */
function lengthsOf(batch: readonly Keyed[]): ReadonlySet<number> | undefined {
  if (batch.some(({ withKeys }) => withKeys)) return undefined
  return new Set(
    batch.flatMap(({ keys, without }) => [...keys.flat(), ...without]).map((key) => Buffer.byteLength(key)),
  )
}

function handedOut(batch: readonly Keyed[], documents: readonly Found[]): Found[][] {
  const found = batch.map((): Found[] => [])
  const byMark = Map.groupBy(
    batch.flatMap(({ ids, keys: [lead = []] }, index) => (ids ?? lead).map((mark) => ({ mark, index }))),
    ({ mark }) => mark,
  )
  for (const document of documents) {
    const { _id, k = [] } = document
    const near = [_id, ...k].flatMap((mark) => byMark.get(mark) ?? [])
    for (const index of new Set(near.map((each) => each.index))) {
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
