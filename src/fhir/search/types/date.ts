/** date: stored [L, H) against asked [l, h) (R4 search.html#prefix, #date). */
import { GatewayError } from '../../../kernel/errors.ts'
import { dateRange } from '../../../r4/dates.ts'
import type { DateRange } from '../../../r4/dates.ts'
import type { Filter, SearchType } from '../lookup.ts'
import { splitPrefix } from '../prefix.ts'
import type { Prefix } from '../prefix.ts'

export const date: SearchType = { find: ({ parameter, value }) => dateFilter(parameter.code, value), modifiers: {} }

export function datesOf(code: string, text: string): DateRange {
  const range = dateRange(text)
  if (!range) throw new GatewayError('GW_BAD_REQUEST', `"${code}" has a value that is no date of FHIR.`)
  return range
}

function dateFilter(p: string, value: string): Filter {
  const { prefix, rest } = splitPrefix(value)
  const { l, h } = datesOf(p, rest)
  const some = (condition: object): Filter => ({ d: { $elemMatch: { p, ...condition } } })
  const filters: Record<Prefix, () => Filter> = {
    eq: () => some({ l: { $gte: l, $lt: h }, h: { $lte: h } }),
    ne: () => ({ $or: [some({ l: { $lt: l } }), some({ h: { $gt: h } })] }),
    gt: () => some({ h: { $gt: h } }),
    lt: () => some({ l: { $lt: l } }),
    ge: () => ({ $or: [some({ h: { $gt: h } }), some({ l: { $gte: l } })] }),
    le: () => ({ $or: [some({ l: { $lt: l } }), some({ h: { $lte: h } })] }),
    sa: () => some({ l: { $gte: h } }),
    eb: () => some({ h: { $lte: l } }),
    ap: () => {
      const slack = Math.abs(Date.now() - l.getTime()) / 10
      return some({ l: { $lt: new Date(h.getTime() + slack) }, h: { $gt: new Date(l.getTime() - slack) } })
    },
  }
  return filters[prefix]()
}
