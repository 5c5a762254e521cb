/** `duration-days`: "30 days", "4 weeks" ↔ Duration in days. Months are no number of days: they and other texts give nothing. */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { fhirNumeral } from './numeral.ts'
import { readText } from './text.ts'
import { UCUM } from './ucum.ts'

const DURATION = /^(\d{1,6})\s*(days?|d|weeks?|wks?)$/i

function daysOf(stored: unknown): number | undefined {
  const [, count, unit = ''] = DURATION.exec(readText(stored) ?? '') ?? []
  return count === undefined ? undefined : Number(count) * (/^w/i.test(unit) ? 7 : 1)
}

function read(stored: unknown): object | undefined {
  const value = daysOf(stored)
  return value === undefined ? undefined : { value, unit: 'days', system: UCUM, code: 'd' }
}

/** A text that gives nothing stays when nothing is sent: it says something to people. */
function write(fhir: unknown, before: unknown): unknown {
  const days = daysOf(before)
  if (fhir === undefined) return days === undefined ? before : null
  const { value, unit, system, code, comparator } = fhir as Readonly<Record<string, unknown>>
  const count = Number(fhirNumeral(value))
  const inDays = code === undefined ? ['d', 'day', 'days'].includes(String(unit)) : code === 'd' && system === UCUM
  if (!inDays || comparator !== undefined || !Number.isInteger(count) || count < 0 || count > 999_999) {
    throw new NotStorableError('The source holds this duration in whole days.', { allowed: ['d'] })
  }
  if (count === days) return before
  return count === 1 ? '1 day' : `${count} days`
}

export const durationDays: CodecDefinition = {
  name: 'duration-days',
  types: ['Duration'],
  fields: 1,
  make: () => ({ read, write }),
}
