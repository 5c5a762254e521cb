/**
 * Numbers as columns hold them (number, numeric text, Decimal128) as exact FHIR decimals, and back in the same kind.
 *
 * The digits are the meaning: `37.10` is not `37.1` to a laboratory, so a number travels as its text where a
 * JavaScript number would lose digits (https://hl7.org/fhir/R4/datatypes.html#decimal: precision is kept).
 */
import { NotStorableError, UnreadableError } from '../errors.ts'
import { isRawJSON, rawJSON } from '../exact.ts'
import { shortDecimal } from './decimal128.ts'

/** A number class of the driver (Decimal128, Long, Int32, Double), known by its mark: only `src/store` imports it. */
interface BsonNumber {
  readonly _bsontype: string
  /** of a Decimal128 */
  readonly bytes?: Uint8Array
  toString(): string
  readonly constructor: { readonly fromString?: (text: string) => unknown }
}

const NUMERAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/
const BSON_NUMBERS = new Set(['Decimal128', 'Long', 'Int32', 'Double'])
/** Exponents up to here are written out, `1E+3` as `1000`: the digits of a Decimal128. */
const LONGEST_PLAIN = 40

export function isBsonNumber(value: unknown): value is BsonNumber {
  return (
    typeof value === 'object' && value !== null && '_bsontype' in value && BSON_NUMBERS.has(String(value._bsontype))
  )
}

/** The JSON numeral of a text: no plus, no leading zeros, no `-0`; undefined when it is no number. */
export function numeralOf(text: string): string | undefined {
  if (!NUMERAL.test(text)) return undefined
  const negative = text.startsWith('-')
  const [mantissa = '', exponent = '0'] = text.replace(/^[+-]/, '').toLowerCase().split('e')
  const power = Number(exponent)
  const plain = Math.abs(power) <= LONGEST_PLAIN ? shiftPoint(mantissa, power) : `${shiftPoint(mantissa, 0)}e${power}`
  return negative && /[1-9]/.test(mantissa) ? `-${plain}` : plain
}

/** The decimal point of `12.5` moved by `power` places, leading zeros left out. */
function shiftPoint(mantissa: string, power: number): string {
  const [whole = '', fraction = ''] = mantissa.split('.')
  const point = whole.length + power
  const digits = '0'.repeat(Math.max(0, -point)) + whole + fraction + '0'.repeat(Math.max(0, power - fraction.length))
  const at = Math.max(0, point)
  const left = digits.slice(0, at).replace(/^0+(?=\d)/, '') || '0'
  const right = digits.slice(at)
  return right === '' ? left : `${left}.${right}`
}

/** The numeral of a stored number; undefined when it is no number. */
function storedNumeral(stored: unknown): string | undefined {
  if (typeof stored === 'string') return numeralOf(stored.trim())
  if (typeof stored === 'number' || typeof stored === 'bigint') return numeralOf(String(stored))
  if (!isBsonNumber(stored)) return undefined
  return (stored._bsontype === 'Decimal128' && shortDecimal(stored.bytes as Uint8Array)) || numeralOf(String(stored))
}

/** Stored number → FHIR decimal, or undefined when it is no number. */
export function tryDecimal(stored: unknown): unknown {
  if (typeof stored === 'number') return Number.isFinite(stored) ? stored + 0 : undefined
  if (typeof stored === 'string' && isPlain(stored)) return Number(stored)
  const numeral = storedNumeral(stored)
  return numeral === undefined ? undefined : exact(numeral)
}

/** Is the text what its number is written as? The cheap way for most rows. */
function isPlain(text: string): boolean {
  const number = Number(text)
  return Number.isFinite(number) && String(number) === text
}

/** Stored number → FHIR decimal; throws UnreadableError. */
export function readDecimal(stored: unknown): unknown {
  const decimal = tryDecimal(stored)
  if (decimal === undefined) throw new UnreadableError('the value is not a number; mend it in the source')
  return decimal
}

/** A FHIR decimal with these digits; undefined beyond what a JSON reader can hold. */
function exact(numeral: string): unknown {
  const number = Number(numeral)
  if (!Number.isFinite(number)) return undefined
  return String(number) === numeral ? number : rawJSON(numeral)
}

/** The numeral of a FHIR decimal, which is a number or a raw JSON number. */
export function fhirNumeral(fhir: unknown): string | undefined {
  if (typeof fhir === 'number') return numeralOf(String(fhir))
  return isRawJSON(fhir) ? numeralOf(fhir.rawJSON) : undefined
}

/** Are the two numerals the same number, however many zeros they end with? */
export function sameNumber(a: string, b: string): boolean {
  return significant(a) === significant(b)
}

function significant(numeral: string): string {
  const [mantissa = '', exponent = '0'] = numeral.split('e')
  const negative = mantissa.startsWith('-')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = (whole + fraction).replace(/^0+/, '')
  const trimmed = digits.replace(/0+$/, '')
  if (trimmed === '') return '0'
  return `${negative ? '-' : ''}${trimmed}e${Number(exponent) - fraction.length + digits.length - trimmed.length}`
}

/** FHIR decimal → the kind of number the column holds: text stays text, Decimal128 stays Decimal128. */
export function storeDecimal(fhir: unknown, before: unknown): unknown {
  if (fhir === undefined) return null
  const numeral = fhirNumeral(fhir)
  if (numeral === undefined) throw new NotStorableError('The value must be a number.')
  if (storedNumeral(before) === numeral) return before
  if (typeof before === 'string') return numeral
  if (isBsonNumber(before)) return sameKind(before, numeral)
  return plainNumber(numeral)
}

function sameKind(before: BsonNumber, numeral: string): unknown {
  try {
    const made = before.constructor.fromString?.(numeral)
    if (made !== undefined && sameNumber(storedNumeral(made) ?? '', numeral)) return made
  } catch {
    // falls through: more digits than the class holds
  }
  throw new NotStorableError(`The column cannot hold all digits of ${numeral}; send fewer digits.`)
}

/** Trailing zeros may go, digits may not: a JSON number column has no way to hold them. */
function plainNumber(numeral: string): number {
  const number = Number(numeral)
  if (Number.isFinite(number) && sameNumber(numeralOf(String(number)) ?? '', numeral)) return number + 0
  throw new NotStorableError(`The column cannot hold all digits of ${numeral}; send fewer digits.`)
}
