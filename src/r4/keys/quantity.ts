/** Number and quantity parameters (R4 search.html#number, #quantity): as written, and UCUM units in their base units too. */
import { numberOf } from '../json.ts'
import { canonicalUnit, inBaseUnits, UCUM } from '../ucum.ts'
import { type Extractor, type NumberKey, type SearchKeys, sortBy, textOf } from './shape.ts'
import { inUnit } from './text.ts'

const currencies = 'urn:iso:std:iso:4217'
type Fields = Readonly<Record<string, unknown>> | undefined

export const numberKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  const number = numberOf(value)
  if (number !== undefined) addKey(keys, { p: parameter, l: number, h: number })
}

/** A comparator makes the stored value one end of an open range: `< 5` is anything below 5. */
export const quantityKeys: Extractor = (parameter) => (quantity, _sibling, keys) => {
  const value = numberOf((quantity as Fields)?.['value'])
  if (value === undefined) return
  const comparator = textOf(quantity, 'comparator') ?? ''
  const l = comparator.startsWith('<') ? -Infinity : value
  const h = comparator.startsWith('>') ? Infinity : value
  addKey(keys, withUnit({ p: parameter, l, h }, quantity))
}

export const rangeKeys: Extractor = (parameter) => (range, _sibling, keys) => {
  const { low, high } = (range ?? {}) as { low?: Fields; high?: Fields }
  const l = numberOf(low?.['value'])
  const h = numberOf(high?.['value'])
  if (l === undefined && h === undefined) return
  addKey(keys, withUnit({ p: parameter, l: l ?? -Infinity, h: h ?? Infinity }, low ?? high))
}

export const moneyKeys: Extractor = (parameter) => (money, _sibling, keys) => {
  const value = numberOf((money as Fields)?.['value'])
  if (value === undefined) return
  const currency = textOf(money, 'currency')
  const key: NumberKey = { p: parameter, l: value, h: value }
  addKey(keys, currency === undefined ? key : { ...key, s: currencies, c: currency })
}

/** From the smallest to the largest sample: `data` holds numbers and E, U, L, scaled and moved (SampledData). */
export const sampledDataKeys: Extractor = (parameter) => (sampled, _sibling, keys) => {
  const { origin, factor } = (sampled ?? {}) as { origin?: Fields; factor?: unknown }
  const zero = numberOf(origin?.['value'])
  const samples = (textOf(sampled, 'data') ?? '').split(' ').filter((it) => it !== '' && !/^[EUL]$/.test(it))
  if (zero === undefined || samples.length === 0) return
  const values = samples.map((it) => zero + Number(it) * (numberOf(factor) ?? 1)).filter(Number.isFinite)
  const l = values.reduce((smallest, it) => Math.min(smallest, it), Infinity)
  const h = values.reduce((largest, it) => Math.max(largest, it), -Infinity)
  if (l <= h) addKey(keys, withUnit({ p: parameter, l, h }, origin))
}

function withUnit(key: NumberKey, quantity: unknown): NumberKey {
  const system = textOf(quantity, 'system')
  const code = textOf(quantity, 'code')
  const unit = textOf(quantity, 'unit')
  if (system !== undefined) key.s = system
  if (code !== undefined) key.c = code
  if (unit !== undefined) key.u = unit
  return key
}

function addKey(keys: SearchKeys, key: NumberKey): void {
  keys.n.push(key)
  sortBy(keys, key.p, key.l)
  const unit = key.s === UCUM && key.c !== undefined ? canonicalUnit(key.c) : undefined
  if (unit === undefined) return
  const l = inBaseUnits(key.l, unit)
  keys.n.push({ p: inUnit(key.p, unit.unit), l, h: key.h === key.l ? l : inBaseUnits(key.h, unit) })
}
