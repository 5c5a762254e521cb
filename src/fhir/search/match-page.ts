/** One page of matches, found by key: after the last of the page before it, or before the first of the page after. */
import type { Found } from '../../store/search-reader.ts'
import type { PageMark, Position } from '../page-token.ts'
import { followsKeys } from './includes.ts'
import type { Matches } from './matches.ts'
import type { SearchQuery } from './query.ts'
import { positionOf, reversed, totalOrder } from './sort.ts'
import type { SortRule } from './sort.ts'

export interface MatchPage {
  readonly matches: readonly Found[]
  /** after which the next page begins, and before which the one before ends; none: there is no such page */
  readonly next?: Position | undefined
  readonly previous?: Position | undefined
}

export async function matchPage(
  { sort, count, includes }: SearchQuery,
  all: Matches,
  { position, back }: Pick<PageMark, 'position' | 'back'> = {},
): Promise<MatchPage> {
  if (count === 0) return { matches: [] }
  const order = totalOrder(sort)
  const rules = back ? reversed(order) : order
  const fields = sort.flatMap(({ field, largest }) =>
    field.startsWith('o.') ? [field, ...(largest ? [largest] : [])] : [],
  )
  const references = includes.filter(followsKeys).flatMap((each) => each.references)
  if (references.length > 0) fields.push('k')
  const keys = references.map(({ code }) => `${code}=`)
  // One more than is shown: is there another page?
  const found = await all.find({ rules, position, limit: count + 1, fields, keys })
  const isMore = found.length > count
  const matches = found.slice(0, count)
  if (!back) return { matches, ...ends(order, matches, isMore, position !== undefined) }
  matches.reverse()
  return { matches, ...ends(order, matches, true, isMore) }
}

function ends(
  order: readonly SortRule[],
  matches: readonly Found[],
  isMoreAfter: boolean,
  isMoreBefore: boolean,
): Pick<MatchPage, 'next' | 'previous'> {
  const [first, last] = [matches.at(0), matches.at(-1)]
  if (!first || !last) return {}
  return {
    next: isMoreAfter ? positionOf(order, last) : undefined,
    previous: isMoreBefore ? positionOf(order, first) : undefined,
  }
}
