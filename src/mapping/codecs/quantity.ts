/**
 * `quantity`: a number whose unit the column implies ↔ Quantity with `unit` and UCUM `code`.
 *
 * 0 is a value (entities §3.16), unless the rule says `skip-zero: true` (a weight of 0 is none).
 */
import type { Codec, CodecDefinition, CodecOptions } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { refuseLoss } from './covers.ts'
import { readDecimal, storeDecimal } from './numeral.ts'
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

function quantityCodec(unit: Unit, skipZero: boolean): Codec {
  return {
    read(stored) {
      const value = readDecimal(stored)
      if (skipZero && Number(stored) === 0) return undefined
      return { value, ...unit }
    },
    write(fhir, before) {
      if (fhir === undefined) return null
      checkUnit(unit, fhir as Quantity)
      return storeDecimal((fhir as Quantity).value, before)
    },
  }
}

export const quantity: CodecDefinition = {
  name: 'quantity',
  types: ['Quantity', 'Age', 'Count', 'Distance', 'Duration'],
  fields: 1,
  options: { unit: { type: 'string' }, code: { type: 'string' }, 'skip-zero': { type: 'boolean' } },
  make: (options) => quantityCodec(unitOf(options), options['skip-zero'] === true),
}
