/**
 * `dose-of-series`: "2 of 3" ↔ Immunization.protocolApplied with dose and doses of the series; "2" is the dose alone.
 * Other words are both the name of the series and the dose (R4 wants a dose number).
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers } from './covers.ts'
import { readText, storeText } from './text.ts'

const NUMBERS = /^([1-9]\d{0,8})(?:\s+of\s+([1-9]\d{0,8}))?$/i

interface Protocol {
  readonly series?: string
  readonly doseNumberPositiveInt?: number
  readonly doseNumberString?: string
  readonly seriesDosesPositiveInt?: number
  readonly seriesDosesString?: string
}

function read(stored: unknown): Protocol | undefined {
  const text = readText(stored)
  if (text === undefined) return undefined
  const [, dose, doses] = NUMBERS.exec(text) ?? []
  if (dose === undefined) return { series: text, doseNumberString: text }
  return {
    doseNumberPositiveInt: Number(dose),
    ...(doses !== undefined && { seriesDosesPositiveInt: Number(doses) }),
  }
}

function write(fhir: unknown, before: unknown): unknown {
  if (fhir === undefined) return null
  const sent = fhir as Protocol
  if (before !== null && covers(read(before), sent)) return before
  const doses = sent.seriesDosesPositiveInt === undefined ? '' : ` of ${String(sent.seriesDosesPositiveInt)}`
  const numbers = sent.doseNumberPositiveInt === undefined ? undefined : `${String(sent.doseNumberPositiveInt)}${doses}`
  const stored = storeText(numbers ?? sent.doseNumberString, before)
  if (covers(read(stored), sent)) return stored
  throw new NotStorableError('The source holds a dose and the doses of its series as numbers, or the dose in words.')
}

export const doseOfSeries: CodecDefinition = {
  name: 'dose-of-series',
  types: ['Immunization.protocolApplied'],
  fields: 1,
  make: () => ({ read, write }),
}
