/**
 * `measurement`: `[value, unit]` with a `table` of unit words ↔ `[valueQuantity, valueString]` of an Observation.
 *
 * Devices name units in words of their own ("bpm"): the table gives their UCUM code, the word stays the unit's name. A
 * word that is not listed is a code only when it is UCUM as it stands. A value that is no number is text.
 */
import type { CodeTable } from '../code-table.ts'
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { inKindOf, lookUp } from './code.ts'
import { covers } from './covers.ts'
import { storeDecimal, tryDecimal } from './numeral.ts'
import { readText, storeText } from './text.ts'
import { isUcum, UCUM } from './ucum.ts'

interface Quantity {
  readonly value?: unknown
  readonly unit?: string
  readonly system?: string
  readonly code?: string
}

type Values = readonly [quantity: Quantity | undefined, text?: string]

function unitOf(table: CodeTable, stored: unknown): Quantity {
  const unit = readText(stored)
  if (unit === undefined) return {}
  const code = lookUp(table, unit) ?? (isUcum(unit) ? unit : undefined)
  return code === undefined ? { unit } : { unit, system: UCUM, code: String(code) }
}

function read(table: CodeTable, stored: unknown): Values | undefined {
  const [value, unit] = stored as readonly unknown[]
  const number = tryDecimal(value)
  if (number !== undefined) return [{ value: number, ...unitOf(table, unit) }]
  const text = readText(value)
  return text === undefined ? undefined : [undefined, text]
}

/** The unit's word: what is there when it means the same, the table's word for the code, else what was sent. */
function wordOf(table: CodeTable, { unit, system, code }: Quantity, before: unknown): unknown {
  if (covers(unitOf(table, before), { unit, system, code })) return before
  const word = system === UCUM && code !== undefined ? table.toStored.get(code) : undefined
  const named = unit !== undefined && covers(unitOf(table, unit), { system, code })
  return named ? unit : word === undefined ? (unit ?? code ?? null) : inKindOf(readText(before) ?? '', word)
}

function write(table: CodeTable, fhir: unknown, before: unknown): unknown[] {
  const [value, unit] = (before ?? []) as readonly unknown[]
  const [quantity, text] = (fhir ?? []) as Values
  if (quantity === undefined) return [storeText(text, value), text === undefined ? null : (unit ?? null)]
  const number = storeDecimal(quantity.value, tryDecimal(value) === undefined ? null : value)
  const stored = [number, wordOf(table, quantity, unit)]
  const { unit: _name, ...meaning } = quantity
  if (covers(read(table, stored)?.[0], quantity.code === undefined ? quantity : meaning)) return stored
  throw new NotStorableError('The source holds a number and the word of its unit; send a plain value with a UCUM code.')
}

export const measurement: CodecDefinition = {
  name: 'measurement',
  types: ['Quantity', 'string'],
  fields: 2,
  paths: 2,
  table: 'required',
  make: ({ table }) => ({
    read: (stored) => read(table as CodeTable, stored),
    write: (fhir, before) => write(table as CodeTable, fhir, before),
  }),
}
