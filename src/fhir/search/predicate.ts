/**
 * A criterion as a predicate over search keys (src/r4/search-keys.ts): each is one tight range of an index.
 */
import { GatewayError } from '../../kernel/errors.ts'
import { resourceTypes } from '../../r4/elements.ts'
import { membersOf } from '../../r4/unions.ts'
import { oneOf } from '../../store/filter-parts.ts'
import type { Filter, Lookup, Target } from './lookup.ts'
import { ledBy, tried } from './lead.ts'
import { listedRange } from './listed.ts'
import type { Listing } from './listed.ts'
import { missingFilter } from './missing.ts'
import type { Criterion } from './criterion.ts'
import { findOf } from './types/index.ts'
import { LAST_UPDATED } from './types/last-updated.ts'

/** Any of the values; with `:not`, none of them. */
export function criterionFilter({ parameter, modifier, values }: Criterion, target: Target): Filter {
  const members = membersOf(parameter, target.type)
  if (modifier === 'missing') return missingFilter(parameter, members, values)
  const find = findOf(parameter, modifier)
  if (!find) throw new GatewayError('GW_UNKNOWN_PARAMETER', `"${parameter.code}" cannot be searched by.`)
  const found = anyOf(members.flatMap((member) => values.map((value) => find({ parameter: member, value, target }))))
  return modifier === 'not' ? { $nor: [found] } : found
}

/** All current resources of the type that fit all filters. */
export function typeFilter(
  { tenant, type }: Target,
  criteria: readonly Criterion[],
  filters: readonly Filter[],
): Filter {
  return typesFilter(tenant, [type], criteria, filters)
}

/** The same of several types; `listing`: of one that may go along a list. */
export function typesFilter(
  tenant: string,
  types: readonly string[],
  criteria: readonly Criterion[],
  filters: readonly Filter[],
  listing?: Listing,
): Filter {
  // Nothing to look up by: ranges of `_id`, which is the order of pages
  const isWhole = criteria.every(isWide) && filters.slice(criteria.length).every(leadsNowhere)
  const { lead, others, narrower } = ledBy(types[0] ?? '', criteria, filters)
  const isOfList = (filter: Filter): boolean => isOpen(criteria[filters.indexOf(filter)], listing, filter)
  const range = listing && others.slice(0, narrower).every(isOfList) && listedRange(listing, criteria, filters, lead)
  if (range) {
    const rest = filters.filter((_, index) => !range.is.has(index))
    return { $and: [ofTypes(tenant, types), range.filter, ...rest.map(tried)] }
  }
  // What is deleted has no keys: an index answers alone
  if (lead) return { $and: [ofTypes(tenant, types), lead, ...others] }
  return { $and: [{ deleted: false, ...(isWhole ? wholeOf(tenant, types) : ofTypes(tenant, types)) }, ...others] }
}

function ofTypes(tenant: string, types: readonly string[]): Filter {
  const [first, ...others] = types.map((type) => `${tenant}/${type}`)
  return { tt: others.length === 0 ? (first as string) : { $in: [first as string, ...others] } }
}

function wholeOf(tenant: string, types: readonly string[]): Filter {
  // `0` comes after `/`
  const within = (start: string): { $gt: string; $lt: string } => ({ $gt: `${start}/`, $lt: `${start}0` })
  if (types.length === resourceTypes.length) return { _id: within(tenant) }
  const [first, ...others] = types.map((type) => ({ tt: `${tenant}/${type}`, _id: within(`${tenant}/${type}`) }))
  return others.length === 0 ? (first as Filter) : { $or: [first as Filter, ...others] }
}

/** Nothing leads to what fits it, unless the date of the list does. */
function isOpen(criterion: Criterion | undefined, listing: Listing | undefined, filter: Filter): boolean {
  if (!criterion) return leadsNowhere(filter)
  return isWide(criterion) || criterion.parameter.code === listing?.list.by
}

/** No index leads to what fits it. */
export function isWide({ parameter, modifier }: Criterion): boolean {
  return modifier === 'missing' || modifier === 'not' || parameter.code === LAST_UPDATED
}

/** The same of what is asked in other words (`_filter`). */
function leadsNowhere(filter: Filter): boolean {
  if ('$and' in filter) return (filter.$and as Filter[]).every(leadsNowhere)
  if ('$or' in filter) return (filter.$or as Filter[]).some(leadsNowhere)
  return '$nor' in filter || 'u' in filter
}

function anyOf(lookups: readonly Lookup[]): Filter {
  const isFilter = (each: Lookup): each is Filter => typeof each === 'object' && !Array.isArray(each)
  const filters = lookups.filter(isFilter)
  const keys = lookups.filter((each) => !isFilter(each)).flatMap((each) => each as string | readonly string[])
  if (keys.length > 0) filters.push({ k: oneOf(keys) })
  return filters.length === 1 ? (filters[0] as Filter) : { $or: filters }
}
