/** When values of FHIRPath are equal, and which comes first (http://hl7.org/fhirpath/N1/#equality, #comparison). */
import { dateRange } from '../../dates.ts'
import { type JsonValue, numberOf } from '../../json.ts'
import { equalJson } from '../../json-equal.ts'
import { type Item, isJsonObject, type Items } from './items.ts'
import { NotReadError } from './parse.ts'

/** Undefined: it cannot be told. */
export function equalItems(left: Items, right: Items): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined
  if (left.length !== right.length) return false
  let unknown = false
  for (const [index, item] of left.entries()) {
    const same = equalItem(item, right[index] as Item)
    if (same === false) return false
    unknown ||= same === undefined
  }
  return unknown ? undefined : true
}

export function equalItem(one: Item, other: Item): boolean | undefined {
  const { value } = one
  if (value === undefined || other.value === undefined) return false
  if (value === other.value) return true
  const number = numberOf(value)
  if (number !== undefined) return number === numberOf(other.value)
  if (isJsonObject(value) || isJsonObject(other.value)) {
    return isJsonObject(value) && isJsonObject(other.value) && equalJson(value as JsonValue, other.value as JsonValue)
  }
  const isDates = isDate(one) && isDate(other) && typeof value === 'string' && typeof other.value === 'string'
  return isDates ? sameMoment(value, other.value) : false
}

export function isDate({ type }: Item): boolean {
  return type === 'date' || type === 'dateTime' || type === 'instant'
}

function sameMoment(one: string, other: string): boolean | undefined {
  const order = orderOfDates(one, other)
  return order === undefined ? undefined : order === 0
}

/** Below zero: `left` comes first. Undefined: it cannot be told. */
export function orderOf([left]: Items, [right]: Items): number | undefined {
  if (!left || !right || left.value === undefined || right.value === undefined) return undefined
  const [one, other] = [numberOf(left.value), numberOf(right.value)]
  if (one !== undefined && other !== undefined) return one - other
  if (isJsonObject(left.value) && isJsonObject(right.value)) return orderOfQuantities(left.value, right.value)
  if (typeof left.value !== 'string' || typeof right.value !== 'string') throw new NotReadError('no order')
  return isDate(left) && isDate(right) ? orderOfDates(left.value, right.value) : orderOfTexts(left.value, right.value)
}

function orderOfTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** `2024` and `2024-05`: nobody knows. */
function orderOfDates(one: string, other: string): number | undefined {
  if (one === other) return 0
  const [a, b] = [dateRange(one), dateRange(other)]
  if (!a || !b) return undefined
  if (a.h <= b.l) return -1
  if (b.h <= a.l) return 1
  return a.l.getTime() === b.l.getTime() && a.h.getTime() === b.h.getTime() ? 0 : undefined
}

type Quantity = Readonly<Record<string, unknown>>

/** Of one unit; others are left to the library, which can convert. */
function orderOfQuantities(one: Quantity, other: Quantity): number | undefined {
  const [a, b] = [numberOf(one['value']), numberOf(other['value'])]
  if (a === undefined || b === undefined) return undefined
  const isSame = one['system'] === other['system'] && one['code'] === other['code']
  const isOne = isSame && (one['code'] !== undefined || one['unit'] === other['unit'])
  return isOne ? a - b : undefined
}
