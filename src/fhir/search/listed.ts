/**
 * Searches that go along the index of lists (src/r4/lists.ts): by some of its keys, in the order of its date or between two
 * bounds of it. What the index tells of a date is less than what is asked (where its interval begins), so what is asked of
 * dates is tried on what it leads to.
 */
import { ANY, LISTS, isOfPart, listOf, together } from '../../r4/lists.ts'
import type { List } from '../../r4/lists.ts'
import { valueTypesOf } from '../../r4/parameter-values.ts'
import { oneOf } from '../../store/filter-parts.ts'
import type { Building } from '../../store/indexing.ts'
import type { TimeSpan } from '../../store/time-walk.ts'
import type { Criterion } from './criterion.ts'
import type { Filter } from './lookup.ts'
import type { SearchQuery } from './query.ts'
import type { SortRule } from './sort.ts'
import { beginningsOf, longestOf } from './types/date-beginnings.ts'
import { hull, narrower } from './types/last-updated.ts'

/** Where dates stand beside the keys of lists. */
export const DATE_FIELD = 'w'
/** What is asked for in another order is all sorted: so long a span is expected to hold little. */
const SHORT = 8 * 24 * 3600 * 1000
/** As many ranges MongoDB merges in their order. */
const MOST_KEYS = 100

/** How a search may go along a list. */
export interface Listing {
  readonly list: List
  /** where the dates that fit begin */
  readonly span: TimeSpan
}

/** Undefined: no list is of use, or its keys are not built yet. */
export function listingOf(building: Building, { scope, wanted, sort }: SearchQuery, now: number): Listing | undefined {
  const [type = '', ...others] = scope.types
  const list = others.length === 0 ? listOf(type) : undefined
  if (!list || building.get(type)?.codes.includes(LISTS)) return undefined
  const span = spanOf(wanted[0]?.criteria ?? [], list, type, now)
  const isInOrder = sort.length === 1 && sort[0]?.code === list.by
  return isInOrder || lengthOf(span) <= (sort.length > 0 ? Number.MAX_VALUE : SHORT) ? { list, span } : undefined
}

/** In milliseconds; of what is open, Infinity. */
function lengthOf({ from, to }: TimeSpan): number {
  return from && to ? to.getTime() - from.getTime() : Infinity
}

function spanOf(criteria: readonly Criterion[], { by }: List, type: string, now: number): TimeSpan {
  return criteria
    .filter(({ parameter, modifier }) => parameter.code === by && modifier === undefined)
    .map(({ parameter, values }) => {
      const longest = longestOf(valueTypesOf(parameter, type))
      return values.map((value) => beginningsOf(value, by, longest, now)).reduce(hull)
    })
    .reduce(narrower, {})
}

/** A range of the index, and which filters it is, by their places. */
interface Range {
  readonly filter: Filter
  readonly is: ReadonlySet<number>
}

/**
 * `lead`: which of the filters leads to least; undefined: none leads anywhere. Undefined where that one is not among the
 * keys of lists. `filters` are those of the criteria, then those of links.
 */
export function listedRange(
  { list, span }: Listing,
  criteria: readonly Criterion[],
  filters: readonly Filter[],
  lead: Filter | undefined,
): Range | undefined {
  const asked = filters.map((filter, index) => keysIn(filter) ?? missingIn(criteria[index]))
  const ways = waysAlong(list, asked)
  if (lead && !ways.some(({ is }) => is.some((index) => filters[index] === lead))) return undefined
  const { keys, is } = ways[0] ?? { keys: [ANY], is: [] }
  const told = criteria.flatMap((each, index) => (isBeginning(each, filters[index], list) ? [index] : []))
  const within = { ...(span.from && { $gte: span.from }), ...(span.to && { $lt: span.to }) }
  const date = (span.from ?? span.to) && { [DATE_FIELD]: within }
  return { filter: { s: oneOf(keys), ...date }, is: new Set([...is, ...told]) }
}

/** It asks where the date begins and nothing else: a resource of a list has one date, so the range of the index is that. */
function isBeginning({ parameter, modifier }: Criterion, filter: Filter | undefined, { by }: List): boolean {
  if (parameter.code !== by || modifier !== undefined) return false
  const { d, ...others } = (filter ?? {}) as { readonly d?: { readonly $elemMatch: object } }
  return Object.keys(others).length === 0 && Object.keys(d?.$elemMatch ?? {}).join() === 'p,l'
}

interface Way {
  readonly keys: readonly string[]
  readonly is: readonly number[]
}

type Asked = readonly (readonly string[] | undefined)[]

/** Those that lead to less first. Alternatives may be of several shapes, each of one part: they are merged. */
function waysAlong({ of }: List, asked: Asked): Way[] {
  const ways = of.flatMap((shape, at) => {
    const alone = of.slice(0, at + 1).flatMap((each) => (each.length === 1 ? each : []))
    return wayBy(shape.length === 1 ? [alone] : shape.map((part) => [part]), asked) ?? []
  })
  return ways.filter(({ keys }) => keys.length <= MOST_KEYS)
}

/** `parts`: of each one. */
function wayBy(parts: readonly (readonly string[])[], asked: Asked): Way | undefined {
  const is = parts.map((begins) => asked.findIndex((keys) => keys && beginWith(keys, begins)))
  return is.includes(-1) ? undefined : { keys: together(is.map((index) => asked[index] ?? [])), is }
}

function beginWith(keys: readonly string[], parts: readonly string[]): boolean {
  return keys.length > 0 && keys.every((key) => parts.some((part) => isOfPart(key, part)))
}

/** Undefined: it asks for more than one of some keys. */
function keysIn(filter: Filter): string[] | undefined {
  const [[field, value] = ['', undefined], ...others] = Object.entries(filter) as [string, unknown][]
  if (others.length > 0) return undefined
  if (field === '$or') {
    const lists = (value as Filter[]).map(keysIn)
    return lists.includes(undefined) ? undefined : [...new Set(lists.flatMap((keys) => keys ?? []))]
  }
  if (field !== 'k') return undefined
  if (typeof value === 'string') return [value]
  const { $in, ...rest } = value as { readonly $in?: readonly string[] }
  return $in && Object.keys(rest).length === 0 ? [...$in] : undefined
}

function missingIn(criterion: Criterion | undefined): string[] | undefined {
  if (criterion?.modifier !== 'missing' || criterion.values.length > 1) return undefined
  return [`${criterion.parameter.code}:missing=${criterion.values[0]}`]
}

/** The same order, by the date of the list. */
export function listedOrder({ list }: Listing, rules: readonly SortRule[]): SortRule[] {
  return rules.map((rule) => (rule.code === list.by ? { ...rule, field: DATE_FIELD } : rule))
}

/** What comes after a date in the order, as one range of the index; that date is in it. */
export function listedAfter(direction: 1 | -1, date: Date | null): Filter {
  if (direction > 0) return date ? { [DATE_FIELD]: { $gte: date } } : {}
  // What has no date comes last, and is less than nothing
  return { [DATE_FIELD]: date ? { $not: { $gt: date } } : null }
}
