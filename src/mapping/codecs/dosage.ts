/**
 * `dosage`: the columns `[dosage, frequency, …, instructions]`, as many as there are, ↔ Dosage.
 *
 * Its text is the filled columns joined with ', '. Structure is given only when sure (entities §2 MedicationRequest):
 * the dose from the first column, the timing and "as needed" from any.
 *
 * On write the first of these is stored that reads as what was sent: the columns as they are; the new text as the
 * dosage, with the columns at the end kept that the text still ends with; the same with the dosage split from the
 * frequency at a comma. When none does, the text and the structure sent do not say the same, and the write is refused.
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers } from './covers.ts'
import { tryDecimal } from './numeral.ts'
import { readText } from './text.ts'
import { quantityOf } from './unit-words.ts'

const DOSE = /^(\d{1,12}(?:\.\d{1,12})?)(?:\s*-\s*(\d{1,12}(?:\.\d{1,12})?))?\s*(mg|g|mcg|ml|tablets?)$/i
const AS_NEEDED = /(?<!\bnot )\b(?:prn|p\.r\.n|(?:as|if|when) (?:needed|required))\b/i
/** What such a text holds somewhere: the cheap question, since most dosages do not. */
const MAYBE_AS_NEEDED = /prn|p\.r|needed|required/i
const TIMES_A_DAY = new Map<string, number>(
  Object.entries({
    ...{ od: 1, 'once daily': 1, 'once a day': 1, 'one time daily': 1 },
    ...{ bd: 2, bid: 2, 'twice daily': 2, 'twice a day': 2, 'two times daily': 2, 'two times a day': 2 },
    ...{ tds: 3, tid: 3, 'three times daily': 3, 'three times a day': 3, 'thrice daily': 3 },
    ...{ qid: 4, qds: 4, 'four times daily': 4, 'four times a day': 4 },
  }),
)
/** "b.d.", "twice  daily" */
const UNTIDY = /\.|\s\s|[^\S ]/

interface Dosage {
  readonly text: string
  timing?: object
  asNeededBoolean?: boolean
  doseAndRate?: object[]
}

function doseAndRate(dosage: string | undefined): object[] | undefined {
  const found = dosage === undefined ? null : DOSE.exec(dosage)
  if (found === null) return undefined
  const [, value = '', upTo, unit = ''] = found
  const low = quantityOf(tryDecimal(value), unit)
  if (upTo === undefined) return [{ doseQuantity: low }]
  if (Number(value) > Number(upTo)) return undefined
  return [{ doseRange: { low, high: quantityOf(tryDecimal(upTo), unit) } }]
}

/** One column says how often; two that differ say nothing sure. */
function timing(parts: readonly string[]): object | undefined {
  let frequency: number | undefined
  for (const part of parts) {
    const said = timesADay(part)
    if (said === undefined) continue
    if (frequency !== undefined && frequency !== said) return undefined
    frequency = said
  }
  return frequency === undefined ? undefined : { repeat: { frequency, period: 1, periodUnit: 'd' } }
}

function timesADay(part: string): number | undefined {
  // "2.5 mg", "28 days": most parts
  if (/^\d/.test(part)) return undefined
  const word = part.toLowerCase()
  const said = TIMES_A_DAY.get(word)
  if (said !== undefined || !UNTIDY.test(word)) return said
  return TIMES_A_DAY.get(word.replace(/\./g, '').replace(/\s+/g, ' '))
}

function read(stored: unknown): object | undefined {
  const columns: readonly unknown[] = Array.isArray(stored) ? stored : [stored]
  const parts: string[] = []
  for (const column of columns) {
    const part = readText(column)
    if (part !== undefined) parts.push(part)
  }
  if (parts.length === 0) return undefined
  const dosage: Dosage = { text: parts.join(', ') }
  const asNeeded = MAYBE_AS_NEEDED.test(dosage.text) && AS_NEEDED.test(dosage.text)
  const times = asNeeded ? undefined : timing(parts)
  if (times) dosage.timing = times
  if (asNeeded) dosage.asNeededBoolean = true
  const dose = doseAndRate(readText(columns[0]))
  if (dose) dosage.doseAndRate = dose
  return dosage
}

/** The text cut from the columns at its end that it still ends with; the cut columns are null. */
function keepEnd(text: string, before: readonly unknown[]): { readonly head: string; readonly columns: unknown[] } {
  const columns: unknown[] = before.map(() => null)
  let head = text
  for (let i = before.length - 1; i > 0; i--) {
    const part = readText(before[i])
    if (part === undefined) continue
    if (!head.endsWith(`, ${part}`)) break
    columns[i] = before[i]
    head = head.slice(0, -part.length - 2)
  }
  return { head, columns }
}

function candidates(text: string, before: readonly unknown[]): unknown[][] {
  const { head, columns } = keepEnd(text, before)
  const whole = [head, ...columns.slice(1)]
  const comma = head.indexOf(', ')
  if (comma < 0 || columns.length < 2 || columns[1] !== null) return [[...before], whole]
  return [[...before], whole, [head.slice(0, comma), head.slice(comma + 2), ...columns.slice(2)]]
}

function write(fhir: unknown, before: unknown): unknown {
  const columns = Array.isArray(before) ? before : [before]
  if (fhir === undefined) return Array.isArray(before) ? columns.map(() => null) : null
  const text = (fhir as { text?: string }).text?.trim()
  if (!text) throw new NotStorableError('The source holds a dosage as text; send its text.')
  const stored = candidates(text, columns).find((each) => covers(read(each), { ...fhir, text }))
  if (stored) return Array.isArray(before) ? stored : stored[0]
  throw new NotStorableError('The source holds a dosage as text; send the text alone, or with the structure it says.')
}

export const dosage: CodecDefinition = {
  name: 'dosage',
  types: ['Dosage'],
  fields: 'any',
  make: () => ({ read, write }),
}
