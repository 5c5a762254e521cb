/**
 * `amount`: a number, or text of a number and perhaps a unit ("90", "30 tablets") ↔ Quantity. Any other text is kept,
 * gives nothing and is counted: a prescription is not lost for an amount that was written out.
 */
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers, refuseLoss } from './covers.ts'
import { fhirNumeral, storeDecimal, tryDecimal } from './numeral.ts'

interface Amount {
  readonly value?: unknown
  readonly unit?: string
}

const NUMBER_AND_UNIT = /^([+-]?\d{1,12}(?:\.\d{1,12})?)\s*([^\d\s].{0,60})$/

function parse(stored: unknown): Amount | undefined {
  const value = tryDecimal(stored)
  if (value !== undefined) return { value }
  const [, digits, unit] = typeof stored === 'string' ? (NUMBER_AND_UNIT.exec(stored.trim()) ?? []) : []
  return digits === undefined ? undefined : { value: tryDecimal(digits), ...(unit && { unit: unit.trim() }) }
}

function read(stored: unknown, context: CodecContext): Amount | undefined {
  const amount = parse(stored)
  if (amount === undefined) context.warn('the amount is no number')
  return amount
}

function write(fhir: unknown, before: unknown): unknown {
  const held = parse(before)
  if (fhir === undefined) return held === undefined ? (before ?? null) : null
  const { value, unit } = fhir as Amount
  refuseLoss({ value, unit }, fhir, 'amount')
  if (held !== undefined && covers(held, fhir) && covers(fhir, held)) return before
  const digits = fhirNumeral(value)
  if (digits === undefined) throw new NotStorableError('The amount needs a value.')
  if (unit === undefined) return storeDecimal(value, held?.unit === undefined ? before : '')
  if (typeof before !== 'string' && before !== null && before !== undefined) {
    throw new NotStorableError('The source holds this amount as a number; leave the unit out.')
  }
  return `${digits} ${unit.trim()}`
}

export const amount: CodecDefinition = {
  name: 'amount',
  types: ['Quantity'],
  fields: 1,
  make: () => ({ read, write }),
}
