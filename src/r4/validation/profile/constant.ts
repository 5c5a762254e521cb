/** Is a value what a profile fixes, or does it have what its pattern has (R4 elementdefinition.html#pattern)? */
import type { JsonValue } from '../../json.ts'
import { isRawNumber, numberOf } from '../../json.ts'
import { equalJson } from '../../json-equal.ts'

export function isFixed(value: unknown, wanted: unknown): boolean {
  return value !== undefined && equalJson(value as JsonValue, wanted as JsonValue)
}

export function hasPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((part) => value.some((each) => hasPattern(each, part)))
  }
  if (typeof pattern !== 'object' || pattern === null || isRawNumber(pattern)) return isSame(value, pattern)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(pattern).every(([name, inner]) =>
    hasPattern((value as Readonly<Record<string, unknown>>)[name], inner),
  )
}

function isSame(value: unknown, wanted: unknown): boolean {
  const number = numberOf(wanted)
  return number === undefined ? value === wanted : numberOf(value) === number
}
