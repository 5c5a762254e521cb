/** Values of rows as JSON: whatever type the database holds them in, one that is not there is null. */
import { elementsIn } from '../../mapping/field.ts'
import { normaliseWord } from '../../mapping/code-table.ts'
import { isBsonNumber } from '../../mapping/codecs/numeral.ts'

export function plain(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return null
  if (value instanceof Date) return value.toISOString()
  return isBsonNumber(value) ? Number(value.toString()) : value
}

/** Numbers are texts in some programs. */
export function plainNumber(value: unknown): number | null {
  const given = plain(value)
  const number = given === null || typeof given === 'object' ? NaN : Number(given)
  return Number.isFinite(number) ? number : null
}

/** 1, "1" and true are one thing. */
export function isOn(value: unknown): boolean {
  return ['1', 'true'].includes(normaliseWord(plain(value) ?? ''))
}

/** A JSON column: its elements; none where it is empty or cannot be read. */
export function plainList(value: unknown): unknown[] {
  return elementsIn(value).map((each) => plainTree(each))
}

function plainTree(value: unknown): unknown {
  if (Array.isArray(value)) return (value as unknown[]).map(plainTree)
  const given = value === '' ? value : plain(value)
  if (typeof given !== 'object' || given === null) return given
  return Object.fromEntries(Object.entries(given).map(([name, member]) => [name, plainTree(member)]))
}
