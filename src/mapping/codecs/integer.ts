/**
 * `integer` and `positive-integer`: number, numeric text or Decimal128 ↔ integer.
 *
 * A positive one reads 0 and below as nothing (entities §2: `Appointment.minutesDuration`).
 */
import type { Codec, CodecDefinition } from '../codec.ts'
import { NotStorableError, UnreadableError } from '../errors.ts'
import { fhirNumeral, readDecimal, storeDecimal } from './numeral.ts'

/** FHIR integers have 32 bits. */
const LIMIT = 2 ** 31 - 1

export function readInteger(stored: unknown): number {
  const decimal = readDecimal(stored)
  const number = typeof decimal === 'number' ? decimal : Number(fhirNumeral(decimal))
  if (!Number.isInteger(number) || Math.abs(number) > LIMIT) {
    throw new UnreadableError('the value is not a whole number of at most 32 bits; mend it in the source')
  }
  return number + 0
}

/** Refuses integers below `least`. */
export function storeInteger(fhir: unknown, before: unknown, least = -LIMIT): unknown {
  if (fhir === undefined) return null
  const number = Number(fhirNumeral(fhir))
  if (!Number.isInteger(number) || number < least || number > LIMIT) {
    const range = least > -LIMIT ? `a whole number from ${least}` : 'a whole number of at most 32 bits'
    throw new NotStorableError(`The value must be ${range}.`)
  }
  return readsAs(before, number) ? before : storeDecimal(number, before)
}

/** `5` and `5.00` are the same integer: what is there stays. */
function readsAs(before: unknown, number: number): boolean {
  try {
    return before !== null && before !== undefined && readInteger(before) === number
  } catch {
    return false
  }
}

function wholeNumber(least: number): Codec {
  return {
    read(stored) {
      const number = readInteger(stored)
      return number < least ? undefined : number
    },
    write: (fhir, before) => storeInteger(fhir, before, least),
  }
}

export const integer: CodecDefinition = {
  name: 'integer',
  types: ['integer', 'unsignedInt'],
  fields: 1,
  make: ({ type }) => wholeNumber(type === 'unsignedInt' ? 0 : -LIMIT),
}

export const positiveInteger: CodecDefinition = {
  name: 'positive-integer',
  types: ['positiveInt', 'integer', 'unsignedInt'],
  fields: 1,
  make: () => wholeNumber(1),
}
