/** number and quantity: a searched number stands for all that round to it (R4 search.html#number, #quantity). */
import { GatewayError } from '../../../kernel/errors.ts'
import { inUnit } from '../../../r4/keys/text.ts'
import { numberRange } from '../../../r4/numbers.ts'
import type { NumberRange } from '../../../r4/numbers.ts'
import { type CanonicalUnit, canonicalUnit, inBaseUnits, UCUM } from '../../../r4/ucum.ts'
import { anyElement } from '../lookup.ts'
import type { ElementMatch, Name, SearchType } from '../lookup.ts'
import { splitPrefix } from '../prefix.ts'
import type { Prefix } from '../prefix.ts'
import { splitBars } from '../query-text.ts'

export const number: SearchType = {
  find: ({ parameter: { code }, value }) => anyElement('n', numberMatches(code, value, code)),
  modifiers: {},
}
export const quantity: SearchType = {
  find: ({ parameter: { code }, value }) => anyElement('n', quantityMatches(code, value, code)),
  modifiers: {},
}

/** `code` is what the parameter is called when something is wrong. */
export function numberMatches(p: Name, value: string, code: string): ElementMatch[] {
  const { prefix, rest } = splitPrefix(value)
  return matches(p, prefix, aroundOf(rangeOf(code, rest)))
}

/**
 * `5.4`, `5.4|http://unitsofmeasure.org|mg`, `5.4||mg` (a code or a unit as people write it). A UCUM unit stands for all
 * that can be converted to it.
 */
export function quantityMatches(p: Name, value: string, code: string): ElementMatch[] {
  const [number = '', system = '', unit = '', ...more] = splitBars(value)
  if (more.length > 0)
    throw new GatewayError('GW_BAD_REQUEST', `"${code}" takes number, number|system|code or number||unit.`)
  const { prefix, rest } = splitPrefix(number)
  const around = aroundOf(rangeOf(code, rest))
  const base = system === UCUM && unit !== '' ? canonicalUnit(unit) : undefined
  if (base) return matches(inBase(p, base.unit), prefix, converted(around, base))
  return unitsOf(system, unit).flatMap((each) =>
    matches(p, prefix, around).map((match): ElementMatch => ({ ...match, ...each })),
  )
}

function unitsOf(system: string, unit: string): object[] {
  if (system !== '') return [{ s: system, ...(unit !== '' && { c: unit }) }]
  return unit === '' ? [{}] : [{ c: unit }, { u: unit }]
}

function inBase(p: Name, unit: string): Name {
  return typeof p === 'string' ? inUnit(p, unit) : { $gte: inUnit(p.$gte, unit), $lt: inUnit(p.$lt, unit) }
}

function rangeOf(code: string, text: string): NumberRange {
  const range = numberRange(text)
  if (!range) throw new GatewayError('GW_BAD_REQUEST', `"${code}" has a value that is no number.`)
  return range
}

/** A searched number: itself, what rounds to it, and what is about it, which is a tenth of it either way. */
interface Around extends NumberRange {
  readonly from: number
  readonly to: number
}

function aroundOf(range: NumberRange): Around {
  const slack = Math.abs(range.value) / 10
  return { ...range, from: range.value - slack, to: range.value + slack }
}

function converted({ value, l, h, from, to }: Around, unit: CanonicalUnit): Around {
  const base = (number: number): number => inBaseUnits(number, unit)
  return { value: base(value), l: base(l), h: base(h), from: base(from), to: base(to) }
}

function matches(p: Name, prefix: Prefix, { value, l, h, from, to }: Around): ElementMatch[] {
  const conditions: Record<Prefix, readonly Omit<ElementMatch, 'p'>[]> = {
    eq: [{ l: { $gte: l, $lt: h }, h: { $lt: h } }],
    ne: [{ l: { $lt: l } }, { h: { $gte: h } }],
    gt: [{ h: { $gt: value } }],
    lt: [{ l: { $lt: value } }],
    ge: [{ h: { $gte: value } }],
    le: [{ l: { $lte: value } }],
    sa: [{ l: { $gt: value } }],
    eb: [{ h: { $lt: value } }],
    ap: [{ l: { $lte: to }, h: { $gte: from } }],
  }
  return conditions[prefix].map((condition) => ({ p, ...condition }))
}
