/**
 * `quantity`: a number whose unit the column implies ↔ Quantity with `unit` and UCUM `code`.
 *
 * 0 is a value (entities §3.16), unless the rule says `skip-zero: true` (a weight of 0 is none). `whole`, `min` and `max`
 * say what the column takes; what is stored already reads as it is.
 */
import type { Codec, CodecDefinition, CodecOptions } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { refuseLoss } from './covers.ts'
import { fhirNumeral, readDecimal, storeDecimal } from './numeral.ts'
import { isUcum, UCUM } from './ucum.ts'

interface Unit {
  readonly unit?: string
  readonly system?: string
  readonly code?: string
}

interface Quantity extends Unit {
  readonly value?: unknown
}

function unitOf(options: CodecOptions): Unit {
  const { unit, code } = options as { unit?: string; code?: string }
  if (code !== undefined && !isUcum(code)) throw new Error(`"${code}" is not a UCUM unit`)
  return { ...(unit && { unit }), ...(code && { system: UCUM, code }) }
}

/** A unit said by its code may have any name; without a code its name must be the column's. */
function checkUnit(unit: Unit, sent: Quantity): void {
  const { value: _value, unit: name, ...rest } = sent
  const known = [...new Set([unit.code, unit.unit])].filter((each) => each !== undefined)
  const named = rest.code === undefined && name !== undefined
  if (named && !known.includes(name)) wrongUnit(known)
  if (rest.code !== undefined && rest.code !== unit.code) wrongUnit(known)
  refuseLoss(unit, rest, 'quantity')
}

function wrongUnit(allowed: readonly string[]): never {
  throw new NotStorableError(`The source holds this quantity in ${allowed.join(' or ') || 'no unit'} only.`, {
    allowed,
  })
}

/** Throws when the column takes no such number. */
function checkNumber(value: unknown, { whole, min = -Infinity, max = Infinity }: CodecOptions): void {
  const number = Number(fhirNumeral(value))
  if (whole === true && !Number.isInteger(number)) throw new NotStorableError('The source holds a whole number here.')
  if (number >= Number(min) && number <= Number(max)) return
  throw new NotStorableError(`The source holds a number from ${String(min)} to ${String(max)} here.`)
}

function quantityCodec(options: CodecOptions): Codec {
  const unit = unitOf(options)
  const skipZero = options['skip-zero'] === true
  return {
    read(stored) {
      const value = readDecimal(stored)
      if (skipZero && Number(stored) === 0) return undefined
      return { value, ...unit }
    },
    write(fhir, before) {
      if (fhir === undefined) return null
      const { value } = fhir as Quantity
      checkUnit(unit, fhir as Quantity)
      if (value !== undefined) checkNumber(value, options)
      return storeDecimal(value, before)
    },
  }
}

export const quantity: CodecDefinition = {
  name: 'quantity',
  types: ['Quantity', 'Age', 'Count', 'Distance', 'Duration'],
  fields: 1,
  options: {
    unit: { type: 'string' },
    code: { type: 'string' },
    'skip-zero': { type: 'boolean' },
    whole: { type: 'boolean' },
    min: { type: 'number' },
    max: { type: 'number' },
  },
  make: quantityCodec,
}
