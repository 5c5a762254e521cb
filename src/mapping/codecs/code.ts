/**
 * `code`: translates one coded value through a table of `codes.yaml`.
 *
 * Several stored words may read as one code. A word that already reads as the code sent stays (G7), else the table's
 * writable word is stored. A table of lists gives one value to each path of the rule. `unknown: skip` leaves the element
 * out where a word is missing from the table (a concept would be worse than nothing), instead of a data-absent-reason.
 */
import { codeKey, normaliseWord } from '../code-table.ts'
import type { CodeTable, FhirCode } from '../code-table.ts'
import type { Codec, CodecContext, CodecDefinition, ExtendedPrimitive } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { unknownPrimitive } from './data-absent.ts'
import { isBsonNumber } from './numeral.ts'

type Value = string | boolean | ExtendedPrimitive
type FhirSide = Value | readonly Value[]

/** The code of a stored word, without what `else` says of unknown ones. */
export function lookUp(table: CodeTable, stored: unknown): FhirCode | undefined {
  const exactly = typeof stored === 'string' ? table.toFhir.get(stored) : undefined
  return exactly ?? table.toFhir.get(normaliseWord(stored))
}

/** The stored word in the kind that was there: 1, "1" and true are one word. */
export function inKindOf(before: unknown, word: string | number | boolean): unknown {
  const normal = normaliseWord(word)
  if (normal === '1' || normal === '0') return flagInKindOf(before, word, normal === '1')
  if (typeof before === 'string') return before.trim() === normal ? before : String(word)
  return typeof word === 'string' && /^[1-9]\d{0,14}$/.test(word) ? Number(word) : word
}

/** A column without a value takes the kind that the table writes: true, or the number 1. */
function flagInKindOf(before: unknown, word: string | number | boolean, set: boolean): unknown {
  const number = Number(set)
  if (typeof before === 'boolean') return set
  if (typeof before === 'number' || isBsonNumber(before)) return number
  if (typeof before !== 'string') return String(word) === String(number) ? number : set
  const text = before.trim()
  return text === String(number) ? before : String(/^(true|false)$/i.test(text) ? set : number)
}

function fhirValues(codes: Iterable<FhirCode>, type: string): Map<FhirCode, FhirSide> {
  const one = (code: string): Value => (type === 'boolean' ? code === 'true' : code)
  return new Map([...codes].map((code) => [code, typeof code === 'string' ? one(code) : code.map(one)]))
}

/** As many unknowns as a code of the table has parts. */
function unknownOf(table: CodeTable): FhirSide {
  const [sample] = table.toFhir.values()
  return typeof sample === 'object' ? sample.map(() => unknownPrimitive) : unknownPrimitive
}

function keyOf(fhir: unknown): string | undefined {
  if (Array.isArray(fhir)) return fhir.some((part) => part !== undefined) ? fhir.map(String).join(' ') : undefined
  return typeof fhir === 'string' || typeof fhir === 'boolean' ? String(fhir) : undefined
}

function codeCodec(table: CodeTable, type: string, skip: boolean): Codec {
  const codes = table.otherwise === undefined ? table.toFhir.values() : [...table.toFhir.values(), table.otherwise]
  const values = fhirValues(codes, type)
  const unknown = skip ? undefined : unknownOf(table)
  const code = (stored: unknown): FhirCode | undefined => lookUp(table, stored) ?? table.otherwise
  return {
    read(stored, context: CodecContext) {
      const found = code(stored)
      if (found !== undefined) return values.get(found)
      context.warn(`a word is missing from the code table ${table.name}`)
      return unknown
    },
    write(fhir, before) {
      const key = keyOf(fhir)
      if (key === undefined) return fhir === undefined || Array.isArray(fhir) ? null : before
      const held = before === null || before === undefined ? undefined : code(before)
      if (held !== undefined && codeKey(held) === key) return before
      const word = table.toStored.get(key)
      if (word === undefined) throw notInTable(table, key)
      return inKindOf(before, word)
    },
  }
}

export function notInTable(table: CodeTable, key: string): NotStorableError {
  const allowed = [...table.toStored.keys()]
  return new NotStorableError(`The source has no word for "${key}".`, { allowed })
}

export const code: CodecDefinition = {
  name: 'code',
  types: ['code', 'string', 'boolean', 'uri', 'id'],
  fields: 1,
  table: 'required',
  options: { unknown: { enum: ['skip'] } },
  make: ({ table, type, unknown }) => codeCodec(table as CodeTable, type, unknown === 'skip'),
}
