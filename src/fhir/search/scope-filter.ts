/** A whole search as one predicate: what is asked of each type, within the compartment. */
import { isDeepStrictEqual } from 'node:util'
import { compartmentParameters } from '../../r4/compartments.ts'
import { uriKey } from '../../r4/keys/text.ts'
import type { Criterion } from './criterion.ts'
import { linkFilter } from './linked.ts'
import type { LinkContext } from './linked.ts'
import type { Listing } from './listed.ts'
import type { Filter, Target } from './lookup.ts'
import { missingFilter } from './missing.ts'
import { criterionFilter, typesFilter } from './predicate.ts'
import type { SearchQuery, Wanted } from './query.ts'
import { unescape } from './query-text.ts'
import type { Scope } from './scope.ts'
import { spellingsOf } from './spellings.ts'
import { writtenOut } from './written-out.ts'

/** Types of which the same is asked in the same way. */
interface Group {
  readonly types: string[]
  readonly filters: readonly Filter[]
}

export async function scopeFilter(
  context: LinkContext,
  { scope, wanted }: Pick<SearchQuery, 'scope' | 'wanted'>,
  listing?: Listing,
): Promise<Filter> {
  const { tenant } = context.permit
  const groups: Group[] = []
  for (const each of wanted) {
    const filters = await filtersOf(context, scope, each)
    const same = groups.find((group) => isDeepStrictEqual(group.filters, filters))
    if (same) same.types.push(each.type)
    else groups.push({ types: [each.type], filters })
  }
  const criteria = wanted[0]?.criteria ?? []
  const [first, ...others] = groups.map(({ types, filters }) => typesFilter(tenant, types, criteria, filters, listing))
  return others.length === 0 ? (first as Filter) : { $or: [first as Filter, ...others] }
}

async function filtersOf(context: LinkContext, scope: Scope, { type, criteria, links }: Wanted): Promise<Filter[]> {
  const { permit, request, now } = context
  const target = { tenant: permit.tenant, type, base: request.base, now }
  const linked = await Promise.all(links.map((link) => linkFilter(context, type, link)))
  const filterOf = (criterion: Criterion): Filter =>
    scope.types.length > 1 && criterion.parameter.code === '_id'
      ? idFilter(criterion, target.tenant, scope.types)
      : criterionFilter(criterion, target)
  const written = await Promise.all(criteria.map((criterion) => writtenOut(context, type, criterion)))
  const filters = [...written.map(filterOf), ...linked]
  return scope.compartment ? [...filters, memberFilter(target, scope.compartment)] : filters
}

/** In all types at once: one set of ids, where each type by itself would be a branch of the query. */
function idFilter({ modifier, values, parameter }: Criterion, tenant: string, types: readonly string[]): Filter {
  if (modifier === 'missing') return missingFilter(parameter, [parameter], values)
  const found: Filter = {
    _id: { $in: types.flatMap((type) => values.map((id) => `${tenant}/${type}/${unescape(id)}`)) },
  }
  return modifier === 'not' ? { $nor: [found] } : found
}

/** Whose compartment it is, is in it. */
function memberFilter({ tenant, type, base }: Target, { type: owner, id }: NonNullable<Scope['compartment']>): Filter {
  const name = `${owner}/${id}`
  const spellings = spellingsOf(base, name)
  const keys = compartmentParameters(owner, type).flatMap((code) => spellings.map((each) => uriKey(code, each)))
  const pointing: Filter[] = keys.length === 0 ? [] : [{ k: { $in: keys } }]
  const filters = owner === type ? [{ _id: `${tenant}/${name}` }, ...pointing] : pointing
  return filters.length === 1 ? (filters[0] as Filter) : { $or: filters }
}
