/** `_id` and `_lastUpdated`: fields of the stored document, not search keys. */
import type { Filter, SearchType } from '../lookup.ts'
import { splitPrefix } from '../prefix.ts'
import type { Prefix } from '../prefix.ts'
import { unescape } from '../query-text.ts'
import { datesOf } from './date.ts'

export const ownFields: Readonly<Record<string, SearchType>> = {
  _id: {
    find: ({ value, target }) => ({ _id: `${target.tenant}/${target.type}/${unescape(value)}` }),
    modifiers: {},
    negatable: true,
  },
  _lastUpdated: { find: ({ value }) => lastUpdatedFilter(value), modifiers: {} },
}

function lastUpdatedFilter(value: string): Filter {
  const { prefix, rest } = splitPrefix(value)
  const { l, h } = datesOf('_lastUpdated', rest)
  const slack = Math.abs(Date.now() - l.getTime()) / 10
  const conditions: Record<Prefix, object> = {
    eq: { $gte: l, $lt: h },
    ne: { $not: { $gte: l, $lt: h } },
    gt: { $gte: h },
    sa: { $gte: h },
    lt: { $lt: l },
    eb: { $lt: l },
    ge: { $gte: l },
    le: { $lt: h },
    ap: { $gte: new Date(l.getTime() - slack), $lt: new Date(h.getTime() + slack) },
  }
  return { u: conditions[prefix] }
}
