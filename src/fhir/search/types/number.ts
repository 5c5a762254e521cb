/** number and quantity: a searched number stands for all that round to it (R4 search.html#number, #quantity). */
import { GatewayError } from '../../../kernel/errors.ts'
import { numberRange } from '../../../r4/numbers.ts'
import type { NumberRange } from '../../../r4/numbers.ts'
import type { Filter, SearchType } from '../lookup.ts'
import { splitPrefix } from '../prefix.ts'
import type { Prefix } from '../prefix.ts'
import { splitBars } from '../query-text.ts'

export const number: SearchType = { find: ({ parameter, value }) => numberFilter(parameter.code, value), modifiers: {} }
export const quantity: SearchType = {
  find: ({ parameter, value }) => quantityFilter(parameter.code, value),
  modifiers: {},
}

function numberFilter(p: string, value: string): Filter {
  const { prefix, rest } = splitPrefix(value)
  return ranged(p, prefix, rangeOf(p, rest), [{}])
}

/** `5.4`, `5.4|http://unitsofmeasure.org|mg`, `5.4||mg` (a code or a unit as people write it). */
function quantityFilter(p: string, value: string): Filter {
  const [number = '', system = '', code = '', ...more] = splitBars(value)
  if (more.length > 0)
    throw new GatewayError('GW_BAD_REQUEST', `"${p}" takes number, number|system|code or number||unit.`)
  const { prefix, rest } = splitPrefix(number)
  const units =
    system !== '' ? [{ s: system, ...(code !== '' && { c: code }) }] : code === '' ? [{}] : [{ c: code }, { u: code }]
  return ranged(p, prefix, rangeOf(p, rest), units)
}

function rangeOf(p: string, text: string): NumberRange {
  const range = numberRange(text)
  if (!range) throw new GatewayError('GW_BAD_REQUEST', `"${p}" has a value that is no number.`)
  return range
}

function ranged(p: string, prefix: Prefix, { value, l, h }: NumberRange, units: readonly object[]): Filter {
  const slack = Math.abs(value) / 10
  const conditions: Record<Prefix, readonly object[]> = {
    eq: [{ l: { $gte: l, $lt: h }, h: { $lt: h } }],
    ne: [{ l: { $lt: l } }, { h: { $gte: h } }],
    gt: [{ h: { $gt: value } }],
    lt: [{ l: { $lt: value } }],
    ge: [{ h: { $gte: value } }],
    le: [{ l: { $lte: value } }],
    sa: [{ l: { $gt: value } }],
    eb: [{ h: { $lt: value } }],
    ap: [{ l: { $lte: value + slack }, h: { $gte: value - slack } }],
  }
  const filters = units.flatMap((unit) =>
    conditions[prefix].map((condition) => ({ n: { $elemMatch: { p, ...unit, ...condition } } })),
  )
  return filters.length === 1 ? (filters[0] as Filter) : { $or: filters }
}
