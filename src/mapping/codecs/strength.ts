/**
 * `strength`: "500mg", "120mg/5ml" ↔ Ratio of a medication's ingredient; nothing when not parsed. "10ml" is a volume of
 * the product and "500mg/125mg" two ingredients: neither is an amount of one substance (entities §3.12).
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers } from './covers.ts'
import { fhirNumeral, tryDecimal } from './numeral.ts'
import { readText } from './text.ts'
import { UCUM } from './ucum.ts'
import { quantityOf } from './unit-words.ts'
import type { UcumQuantity } from './unit-words.ts'

interface Ratio {
  readonly numerator: UcumQuantity
  readonly denominator: UcumQuantity
}

const STRENGTH =
  /^(\d{1,12}(?:\.\d{1,12})?)\s*(mg|g|mcg|ug|µg|iu)(?:\s*\/\s*(\d{1,12}(?:\.\d{1,12})?)?\s*(ml|l|g|tablet|dose|puff|actuation|hr?))?$/i
const ONE: UcumQuantity = { value: 1, system: UCUM, code: '1' }

function read(stored: unknown): Ratio | undefined {
  const [, amount, unit = '', per = '1', perUnit] = STRENGTH.exec(readText(stored) ?? '') ?? []
  if (amount === undefined || Number(per) === 0) return undefined
  const denominator = perUnit === undefined ? ONE : quantityOf(tryDecimal(per), perUnit)
  return { numerator: quantityOf(tryDecimal(amount), unit), denominator }
}

function compose({ numerator, denominator }: Partial<Ratio>): string {
  const amount = `${fhirNumeral(numerator?.value) ?? ''}${numerator?.unit ?? numerator?.code ?? ''}`
  if (denominator === undefined || denominator.code === '1') return amount
  const per = fhirNumeral(denominator.value)
  return `${amount}/${per === '1' ? '' : (per ?? '')}${denominator.unit ?? denominator.code}`
}

function write(fhir: unknown, before: unknown): unknown {
  const held = read(before)
  if (fhir === undefined) return held === undefined ? before : null
  if (covers(held, fhir)) return before
  const composed = compose(fhir as Partial<Ratio>)
  if (covers(read(composed), fhir)) return composed
  throw new NotStorableError('The source holds a strength such as 500mg or 120mg/5ml, in UCUM units.')
}

export const strength: CodecDefinition = {
  name: 'strength',
  types: ['Ratio'],
  fields: 1,
  make: () => ({ read, write }),
}
