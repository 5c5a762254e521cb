/**
 * What a filter asks of places, ids and search keys, where that is all it asks: read out of the filter, and asked of MongoDB
 * together with what others ask.
 */
import type { Filter } from 'mongodb'
import type { ResourceDocument } from './documents.ts'
import { aside } from './permit-filter.ts'
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

/** Keys or ids of one search. */
const MOST = 24

type Condition = readonly [field: string, value: unknown]

/** Undefined where it asks for anything else. */
export function askedBy(filter: object): Asked | undefined {
  const conditions = conditionsOf(filter)
  const isCurrent = conditions.some(([field, value]) => field === 'deleted' && value === false)
  const asking = conditions.filter(([field, value]) => field !== 'deleted' || value !== false)
  const denying = asking.filter((condition) => deniedIn(condition).length > 0)
  const lists = listsIn(asking.filter((condition) => !denying.includes(condition)))
  if (!lists) return undefined
  const { t, _id, k: keys } = lists
  // The search and its Permit say it both
  const tt = [...new Map(lists.tt.map((places) => [places.join(), places])).values()]
  if (t.length !== 1 || tt.length !== 1) return undefined
  const [[tenant] = []] = t
  const [places = []] = tt
  const [first, ...others] = _id
  const ids = first?.filter((id) => others.every((list) => list.includes(id)))
  if (!places.every((place) => place.startsWith(`${tenant}/`))) return undefined
  const denied = denying.map(([field, value]) => ({ [field]: value }))
  // What is deleted has no keys
  return keys.length > 0 || (ids && isCurrent)
    ? { places, ids, keys, without: denying.flatMap(deniedIn), denied }
    : undefined
}

/** What all must hold; what is denied twice (src/fhir/search/lead.ts) holds. */
function conditionsOf(filter: object): Condition[] {
  return Object.entries(filter).flatMap(([field, value]: Condition) => {
    if (field === '$and') return (value as object[]).flatMap(conditionsOf)
    const [denied] = field === '$nor' ? (value as { readonly $nor?: readonly [object] }[]) : []
    return denied?.$nor ? conditionsOf(denied.$nor[0]) : [[field, value] as const]
  })
}

/** Keys it must not have, as permit-filter.ts says it (`notDenied`). */
function deniedIn([field, value]: Condition): string[] {
  if (field === 'k') return [...((value as { readonly $nin?: readonly string[] } | null)?.$nin ?? [])]
  if (field !== '$or') return []
  const [unmarked, other, ...more] = value as object[]
  const isUnmarked = Object.entries(unmarked ?? {}).every(
    ([name, mark]) => (name.startsWith('o.') && mark === null) || (name === 'deleted' && mark === false),
  )
  const [denied, ...rest] = Object.entries(other ?? {})
  return isUnmarked && denied?.[0] === 'k' && rest.length + more.length === 0 ? deniedIn(denied) : []
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

/** Found by one of them; what is denied to all alike is asked once (a list that is read 32 times costs as much as a search). */
export function anyOf(batch: readonly Asked[]): Predicate {
  const [{ denied, without }, ...others] = batch as [Asked, ...Asked[]]
  const isAlike = others.every((each) => each.without.join() === without.join())
  if (!isAlike) return { $or: batch.map(deniedBranchOf) }
  const asked = { $or: batch.map(branchOf) }
  return denied.length === 0 ? asked : { $and: [asked, ...denied] }
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

function oneOf(texts: readonly string[]): string | { readonly $in: readonly string[] } {
  const [first = '', ...others] = texts
  return others.length === 0 ? first : { $in: texts }
}
