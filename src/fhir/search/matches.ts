/**
 * The matches of a search: how they are looked up where time is asked for.
 *
 * Time is in no index of `resources` (src/store/time-walk.ts). Where few resources changed in the span, they are looked
 * at; where few fit the other criteria, those are; else the search goes along the changes.
 */
import type { Found } from '../../store/search-reader.ts'
import type { TimeSpan } from '../../store/time-walk.ts'
import type { FhirContext } from '../context.ts'
import type { Position } from '../page-token.ts'
import { fitsFew } from './lead.ts'
import type { LinkContext } from './linked.ts'
import { DATE_FIELD, listedAfter, listedOrder, listingOf } from './listed.ts'
import type { Listing } from './listed.ts'
import type { Filter } from './lookup.ts'
import { narrowed } from './narrowed.ts'
import { isWide } from './predicate.ts'
import { assertSortable } from './sealed.ts'
import type { SearchQuery } from './query.ts'
import { scopeFilter } from './scope-filter.ts'
import { afterPosition, madeFieldsOf, momentOf, sortOf } from './sort.ts'
import type { SortRule } from './sort.ts'
import { LAST_UPDATED, narrower, spanOf } from './types/last-updated.ts'

export interface Wish {
  /** a total order */
  readonly rules: readonly SortRule[]
  /** after which they begin */
  readonly position: Position | undefined
  readonly limit: number
  readonly fields: readonly string[]
  /** how the search keys begin that are needed of them */
  readonly keys: readonly string[]
}

export interface Matches {
  find(wish: Wish): Promise<Found[]>
  /** to `most`, where counting ends */
  count(most: number): Promise<number>
}

/** So few are looked at one by one. */
const FEW = 1_000
/** So many at most go along as a list. */
const MOST = 20_000

type Context = LinkContext & Pick<FhirContext, 'building'>

export async function matchesOf(context: Context, query: SearchQuery): Promise<Matches> {
  assertSortable(context, query)
  const span = spanOf(query.wanted[0]?.criteria ?? [], context.now)
  const isInTime = query.sort[0]?.code === LAST_UPDATED
  const listing = span || isInTime ? undefined : listingOf(context.building, query, context.now)
  const filter = await scopeFilter(context, query, listing)
  if (!span && !isInTime) return byFilter(context, filter, { few: fitsFew(query) || listing !== undefined, listing })
  const { types } = query.scope
  const few = span && (await narrowed(context, types, filter, span, FEW))
  if (few || (await isLed(context, query))) return byFilter(context, few ?? filter)
  const many = async (): Promise<Filter> => (span && (await narrowed(context, types, filter, span, MOST))) ?? filter
  if (!isInTime) return byFilter(context, await many())
  return {
    find: (wish) => findInTime(context, types, filter, span ?? {}, wish),
    count: async (most) => context.reader.count(context.permit, { filter: await many(), most }),
  }
}

interface Ways {
  readonly few?: boolean
  readonly listing?: Listing | undefined
}

function byFilter({ permit, reader }: LinkContext, filter: Filter, { few = false, listing }: Ways = {}): Matches {
  const inOrder = (wish: Wish): Wish => (listing ? { ...wish, rules: listedOrder(listing, wish.rules) } : wish)
  return {
    find: (wish) => reader.find(permit, { ...pageOf(filter, inOrder(wish)), few }),
    count: (most) => reader.count(permit, { filter, most, few }),
  }
}

async function findInTime(
  { permit, reader }: LinkContext,
  types: readonly string[],
  filter: Filter,
  span: TimeSpan,
  wish: Wish,
): Promise<Found[]> {
  const { rules, position } = wish
  const direction = rules[0]?.direction ?? 1
  const moment = position && momentOf(position)
  const rest = moment ? narrower(span, spanFrom(moment, direction)) : span
  return reader.findInTime(permit, { ...pageOf(filter, wish), types, direction, span: rest })
}

/** Others of the same moment may follow it. */
function spanFrom(moment: Date, direction: 1 | -1): TimeSpan {
  return direction > 0 ? { from: moment } : { to: new Date(moment.getTime() + 1) }
}

function pageOf(
  filter: Filter,
  { rules, position, limit, fields, keys }: Wish,
): Parameters<LinkContext['reader']['find']>[1] {
  const [first] = rules
  const onward = position && first?.field === DATE_FIELD ? [listedAfter(first.direction, momentOf(position))] : []
  const rest = position ? { $and: [filter, ...onward, afterPosition(rules, position)] } : filter
  return { filter: rest, sort: sortOf(rules), ...madeFieldsOf(rules), limit, fields, keys }
}

/** Do the criteria other than `_lastUpdated` lead to few? */
async function isLed(context: LinkContext, query: SearchQuery): Promise<boolean> {
  const wanted = query.wanted.map(({ criteria, ...each }) => ({
    ...each,
    criteria: criteria.filter(({ parameter }) => parameter.code !== LAST_UPDATED),
  }))
  // What is asked of one type is asked of all
  const leads = wanted.slice(0, 1).some(({ criteria, links }) => !criteria.every(isWide) || links.length > 0)
  if (!leads && !query.scope.compartment) return false
  const others = await scopeFilter(context, { ...query, wanted })
  return (await context.reader.identify(context.permit, others, FEW + 1)).length <= FEW
}
