/**
 * `date`: DATE ↔ `YYYY-MM-DD`, by its digits and never through a zone (a birthday is no moment; entities §3.1).
 *
 * Text and BSON dates keep what stands behind the day, so `2026-01-31 00:00:00` keeps its midnight.
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError, UnreadableError } from '../errors.ts'
import { dayDigits, dayText, isInCalendar, parseTime } from './time-text.ts'

const DAY = 86_400_000

/** Midnight of the stored day, in digits; throws UnreadableError. */
export function readDay(stored: unknown): number {
  const digits = stored instanceof Date ? dayOfDate(stored) : dayOfText(stored)
  if (Number.isNaN(digits))
    throw new UnreadableError('the value is no date of the form YYYY-MM-DD; mend it in the source')
  return digits
}

function dayOfDate(stored: Date): number {
  return isInCalendar(stored.getTime()) ? Math.floor(stored.getTime() / DAY) * DAY : NaN
}

function dayOfText(stored: unknown): number {
  const text = typeof stored === 'string' ? stored.trim() : ''
  if (text.length === 10) return dayDigits(text)
  const time = parseTime(text)
  return time ? Math.floor(time.digits / DAY) * DAY : NaN
}

function read(stored: unknown): string {
  if (typeof stored === 'string' && stored.length === 10 && !Number.isNaN(dayDigits(stored))) return stored
  return dayText(readDay(stored))
}

function write(fhir: unknown, before: unknown): unknown {
  if (fhir === undefined) return null
  const digits = typeof fhir === 'string' && fhir.length === 10 ? dayDigits(fhir) : NaN
  if (typeof fhir !== 'string' || Number.isNaN(digits)) {
    throw new NotStorableError('The source needs a whole date, such as 2026-01-31.')
  }
  if (before instanceof Date && !Number.isNaN(before.getTime())) return new Date(digits + timeOfDay(before))
  const behind = typeof before === 'string' && parseTime(before.trim()) ? before.trim().slice(10) : ''
  return fhir + behind
}

function timeOfDay(date: Date): number {
  return date.getTime() - Math.floor(date.getTime() / DAY) * DAY
}

export const date: CodecDefinition = {
  name: 'date',
  types: ['date', 'dateTime'],
  fields: 1,
  make: () => ({ read, write }),
}
