/**
 * What a filter asks of places, ids and search keys, where that is all it asks: read out of the filter, and asked of MongoDB
 * together with what others ask.
 */
import type { Filter } from 'mongodb'
import type { ResourceDocument } from './documents.ts'
import { aside, oneOf } from './filter-parts.ts'
import { isWithin } from './within-keys.ts'

type Predicate = Filter<ResourceDocument>

export interface Asked {
  /** what ids begin with: one of them */
  readonly places: readonly string[]
  /** one of them; undefined: any */
  readonly ids: readonly string[] | undefined
  /** of each list one */
  readonly keys: readonly (readonly string[])[]
  /** none of these, as a Permit denies */
  readonly without: readonly string[]
  /** the same as conditions */
  readonly denied: readonly Predicate[]
}

/** Keys or ids of one search: what points at a page of others is asked for in two spellings of each. */
const MOST = 64

const FIELDS = ['t', 'tt', '_id', 'k'] as const
type Field = (typeof FIELDS)[number]

/** What a filter asks, as far as it was read: of each field lists of texts, one of each. */
interface Part {
  readonly lists: Readonly<Record<Field, (readonly string[])[]>>
  readonly without: string[]
  readonly denied: Predicate[]
  isCurrent: boolean
}

/** Undefined where it asks for anything else. */
export function askedBy(filter: object): Asked | undefined {
  const part = partOf(filter)
  if (!part) return undefined
  const { lists, without, denied, isCurrent } = part
  const { t, tt, _id, k: keys } = lists
  const [[tenant] = [], ...tenants] = t
  const [places = [], ...more] = tt
  // The search and its Permit say it both
  const isOfPlaces = more.every((each) => each.join() === places.join())
  if (tenants.length > 0 || !isOfPlaces || !places.every((place) => place.startsWith(`${tenant}/`))) return undefined
  const [first, ...others] = _id
  const ids = first?.filter((id) => others.every((list) => list.includes(id)))
  // What is deleted has no keys
  const isTold = tt.length > 0 && (keys.length > 0 || (ids !== undefined && isCurrent))
  return isTold ? { places, ids, keys, without, denied } : undefined
}

function partOf(filter: object): Part | undefined {
  const part: Part = { lists: { t: [], tt: [], _id: [], k: [] }, without: [], denied: [], isCurrent: false }
  return isRead(part, filter) ? part : undefined
}

/** What all must hold is added to the part; false where it is more than a Part says. */
function isRead(part: Part, filter: object): boolean {
  return Object.entries(filter).every(([field, value]: [string, unknown]) => isConditionRead(part, field, value))
}

function isConditionRead(part: Part, field: string, value: unknown): boolean {
  if (field === '$and') return (value as object[]).every((each) => isRead(part, each))
  const [twice] = field === '$nor' ? (value as { readonly $nor?: readonly [object] }[]) : []
  // What is denied twice (src/fhir/search/lead.ts) holds
  if (twice?.$nor) return isAdded(part, knownPart(twice.$nor[0]))
  if (field === 'deleted' && value === false) return (part.isCurrent = true)
  const without = deniedIn(field, value)
  if (without.length > 0) {
    part.without.push(...without)
    part.denied.push({ [field]: value })
    return true
  }
  const texts = textsIn(value)
  if (!(field in part.lists) || texts.length === 0 || texts.length > MOST) return false
  part.lists[field as Field].push(texts)
  return true
}

/** What a Permit says of a type is the same object each time. */
const known = new WeakMap<object, { readonly part: Part | undefined }>()

function knownPart(filter: object): Part | undefined {
  let found = known.get(filter)
  if (!found) known.set(filter, (found = { part: partOf(filter) }))
  return found.part
}

function isAdded(part: Part, other: Part | undefined): boolean {
  if (!other) return false
  for (const field of FIELDS) part.lists[field].push(...other.lists[field])
  part.without.push(...other.without)
  part.denied.push(...other.denied)
  part.isCurrent ||= other.isCurrent
  return true
}

/** Keys it must not have, as key-test-filter.ts says it (`notDenied`). */
function deniedIn(field: string, value: unknown): readonly string[] {
  if (field === 'k') return (value as { readonly $nin?: readonly string[] } | null)?.$nin ?? []
  if (field !== '$or') return []
  const [unmarked, other, ...more] = value as object[]
  const isUnmarked = Object.entries(unmarked ?? {}).every(
    ([name, mark]) => (name.startsWith('o.') && mark === null) || (name === 'deleted' && mark === false),
  )
  const [denied, ...rest] = Object.entries(other ?? {}) as [string, unknown][]
  return isUnmarked && denied?.[0] === 'k' && rest.length + more.length === 0 ? deniedIn(...denied) : []
}

/** None: it is more than to be one of some texts. */
function textsIn(value: unknown): string[] {
  const texts: unknown = typeof value === 'object' && value && '$in' in value ? value.$in : [value]
  return Array.isArray(texts) && texts.every((each) => typeof each === 'string') ? texts : []
}

/** Found by one of them; what is denied to all alike is asked once (a list that is read 32 times costs as much as a search). */
export function anyOf(batch: readonly Asked[]): Predicate {
  const [{ denied }] = batch as [Asked, ...Asked[]]
  if (!areDeniedAlike(batch)) return { $or: batch.map(deniedBranchOf) }
  const asked = byIds(batch) ?? { $or: batch.map(branchOf) }
  return denied.length === 0 ? asked : { $and: [asked, ...denied] }
}

/** Where nothing but ids is asked: an id says the type as well. */
function byIds(batch: readonly Asked[]): Predicate | undefined {
  if (!batch.every(({ ids, keys }) => ids && keys.length === 0)) return undefined
  return { _id: { $in: [...new Set(batch.flatMap(({ ids = [] }) => ids))] }, deleted: false }
}

/** The same is denied to all: nothing is found that anybody must not see for that. */
export function areDeniedAlike([first, ...others]: readonly Asked[]): boolean {
  const denied = first?.without.join()
  return others.every(({ without }) => without.join() === denied)
}

function deniedBranchOf(asked: Asked): Predicate {
  return asked.denied.length === 0 ? branchOf(asked) : { $and: [branchOf(asked), ...asked.denied] }
}

function branchOf(asked: Asked): Predicate {
  const { places, ids } = asked
  const [lead, ...others] = listsOf(asked)
  return {
    tt: oneOf(places),
    ...(ids && { _id: oneOf(ids), deleted: false }),
    ...(lead && { k: oneOf(lead) }),
    ...(others.length > 0 && aside({ $and: others.map((keys) => ({ k: oneOf(keys) })) })),
  }
}

/** Lists that are not implied by another. */
function listsOf({ places, keys }: Asked): readonly (readonly string[])[] {
  const [place = '', ...more] = places
  if (keys.length < 2 || more.length > 0) return keys
  const type = place.slice(place.lastIndexOf('/') + 1)
  return keys.reduce(
    (left, list) =>
      left.some((other) => other !== list && isWithin(type, other, list)) ? left.filter((each) => each !== list) : left,
    keys,
  )
}
