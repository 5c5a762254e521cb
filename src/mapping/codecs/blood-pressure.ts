/**
 * `blood-pressure`: `[value, unit]` with a value such as "120/80" ↔ the systolic and the diastolic Quantity.
 *
 * Only millimetres of mercury are read; a value that is not two numbers is a problem of the row, never half a pressure.
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError, UnreadableError } from '../errors.ts'
import { fhirNumeral, tryDecimal } from './numeral.ts'
import { readText } from './text.ts'
import { UCUM } from './ucum.ts'

const PAIR = /^(\d{1,3}(?:\.\d{1,3})?)\s*\/\s*(\d{1,3}(?:\.\d{1,3})?)$/
const UNIT = { unit: 'mmHg', system: UCUM, code: 'mm[Hg]' }
const UNIT_WORDS = new Set(['mmhg', 'mm hg', 'mm[hg]'])

function read(stored: unknown): object[] | undefined {
  const [value, unit] = (stored as readonly unknown[]).map(readText)
  if (value === undefined) return undefined
  const [, systolic = '', diastolic = ''] = PAIR.exec(value) ?? []
  if (systolic === '') throw new UnreadableError('a blood pressure is two numbers, as 120/80; mend it in the source')
  if (unit !== undefined && !UNIT_WORDS.has(unit.toLowerCase())) {
    throw new UnreadableError('a blood pressure is read in mmHg only; mend it in the source')
  }
  return [systolic, diastolic].map((number) => ({ value: tryDecimal(number), ...UNIT }))
}

function write(fhir: unknown, before: unknown): unknown[] {
  const [, unit] = (before ?? []) as readonly unknown[]
  const pressures = (fhir ?? []) as readonly ({ value?: unknown; code?: string } | undefined)[]
  if (pressures.every((pressure) => pressure === undefined)) return [null, null]
  const numbers = pressures.map((pressure) => (pressure?.code === UNIT.code ? fhirNumeral(pressure.value) : undefined))
  const value = numbers.join('/')
  if (numbers.length === 2 && PAIR.test(value)) return [value, unit ?? UNIT.unit]
  throw new NotStorableError('The source holds systolic and diastolic together, in mm[Hg]; send both.')
}

export const bloodPressure: CodecDefinition = {
  name: 'blood-pressure',
  types: ['Quantity'],
  fields: 2,
  paths: 2,
  make: () => ({ read, write }),
}
