/** JSON values are equal whatever the order of their members and the digits of their numbers (RFC 6902 section 4.6). */
import { isRawNumber, type JsonValue, type RawNumber } from './json.ts'

export function equalJson(one: JsonValue, other: JsonValue): boolean {
  if (isNumber(one) || isNumber(other)) return isNumber(one) && isNumber(other) && equalNumbers(one, other)
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) && one.length === other.length && one.every((it, at) => equalJson(it, other[at] ?? null))
    )
  }
  if (!isObject(one) || !isObject(other)) return one === other
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && equalJson(one[name] ?? null, other[name] ?? null))
  )
}

/** By value, whatever the digits: 1.0 is 1 and 1e2 is 100, also where no double could tell. */
function equalNumbers(one: number | RawNumber, other: number | RawNumber): boolean {
  return canonicalNumber(one) === canonicalNumber(other)
}

/** `-12.50e1` → `-125e0`: the figures without zeros at their ends, and the power of ten. */
function canonicalNumber(value: number | RawNumber): string {
  const text = isRawNumber(value) ? value.rawJSON : String(value)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? []
  const figures = (whole + fraction).replace(/^0+/, '')
  if (figures === '') return '0'
  let end = figures.length
  while (figures[end - 1] === '0') end--
  const significant = figures.slice(0, end)
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(figures.length - significant.length)
  return `${sign}${significant}e${power}`
}

function isNumber(value: JsonValue): value is number | RawNumber {
  return typeof value === 'number' || isRawNumber(value)
}

function isObject(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
