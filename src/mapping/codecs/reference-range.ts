/**
 * `reference-range`: text ↔ ObservationReferenceRange. `135-145` gives low and high, `< 5` high, `> 15` low; the text
 * always stays, for it alone says whether the bound belongs to the range. Anything else is text only.
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers } from './covers.ts'
import { fhirNumeral, tryDecimal } from './numeral.ts'
import { readText, storeText } from './text.ts'

interface Bound {
  readonly value?: unknown
}

interface Range {
  readonly low?: Bound
  readonly high?: Bound
  readonly text?: string
}

const BETWEEN = /^(-?\d{1,15}(?:\.\d{1,15})?)\s*(?:-|–|to)\s*(-?\d{1,15}(?:\.\d{1,15})?)$/
const BELOW = /^(?:<=?|≤)\s*(-?\d{1,15}(?:\.\d{1,15})?)$/
const ABOVE = /^(?:>=?|≥)\s*(-?\d{1,15}(?:\.\d{1,15})?)$/

function bound(text: string | undefined): Bound | undefined {
  return text === undefined ? undefined : { value: tryDecimal(text) }
}

function bounds(text: string): Range {
  const [, from, to] = BETWEEN.exec(text) ?? []
  const ordered = Number(from) <= Number(to)
  const low = ordered ? bound(from) : bound(ABOVE.exec(text)?.[1])
  const high = ordered ? bound(to) : bound(BELOW.exec(text)?.[1])
  return { ...(low && { low }), ...(high && { high }) }
}

function read(stored: unknown): Range | undefined {
  const text = readText(stored)
  return text === undefined ? undefined : { ...bounds(text), text }
}

/** The text of bounds alone. */
function compose({ low, high }: Range): string | undefined {
  const [from, to] = [low, high].map((each) => fhirNumeral(each?.value))
  if (from !== undefined && to !== undefined) return `${from}-${to}`
  if (from !== undefined) return `>= ${from}`
  return to === undefined ? undefined : `<= ${to}`
}

/** The text sent, unless it is missing, or was left as it is while the bounds changed. */
function write(fhir: unknown, before: unknown): unknown {
  if (fhir === undefined) return null
  const { text, ...numbers } = fhir as Range
  const stored = storeText(text, before)
  if (covers(read(stored), fhir)) return stored
  const composed = compose(numbers)
  const stale = text === undefined || text === readText(before)
  if (stale && composed !== undefined && covers(read(composed), numbers)) return composed
  throw new NotStorableError('The source holds a reference range as text; send a text, or low and high without a unit.')
}

export const referenceRange: CodecDefinition = {
  name: 'reference-range',
  types: ['Observation.referenceRange'],
  fields: 1,
  make: () => ({ read, write }),
}
