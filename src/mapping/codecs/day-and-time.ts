/**
 * A day in one column and a time of day in another: one wall time of the system's zone.
 *
 * The time column wins over a time within the day column (entities §3.2); only without it that one counts.
 */
import type { CodecContext } from '../codec.ts'
import { NotStorableError, UnreadableError } from '../errors.ts'
import { readDay } from './date.ts'
import { momentOfFhir, storableWall } from './moment.ts'
import { clockDigits, clockText, dayText, parseTime } from './time-text.ts'
import type { TimeText } from './time-text.ts'
import { wallToInstant } from './time-zone.ts'

const DAY = 86_400_000

function isEmpty(stored: unknown): boolean {
  return stored === null || stored === undefined || stored === ''
}

/** Milliseconds since midnight of `9:30`, `09:30`, `09:30:00`. */
function clockOf(stored: unknown): number {
  if (typeof stored === 'string' && stored.length === 5) {
    const clock = clockDigits(stored, 0, false)
    if (!Number.isNaN(clock)) return clock
  }
  const written = typeof stored === 'string' ? stored.trim() : ''
  const text = written.length < 5 ? written.padStart(5, '0') : written
  const clock = text.length === 5 || text.length === 8 ? clockDigits(text, 0, text.length === 8) : NaN
  if (Number.isNaN(clock)) throw new UnreadableError('the value is no time of the form HH:MM; mend it in the source')
  return clock
}

function clockWithin(day: unknown): number {
  const digits = day instanceof Date ? day.getTime() : (parseTime(String(day).trim())?.digits ?? 0)
  return ((digits % DAY) + DAY) % DAY
}

interface Known {
  readonly day: unknown
  readonly time: unknown
  readonly zone: string
  readonly at: number
}

/** The start of a row is read again for its end. */
let last: Known = { day: undefined, time: undefined, zone: '', at: 0 }

/** The moment the two columns name; undefined without a day. */
export function readDayAndTime(day: unknown, time: unknown, zone: string): number | undefined {
  if (isEmpty(day)) return undefined
  if (last.day !== day || last.time !== time || last.zone !== zone) {
    last = { day, time, zone, at: wallToInstant(zone, digitsOf(day, time)) }
  }
  return last.at
}

function digitsOf(day: unknown, time: unknown): number {
  const clock = isEmpty(time) ? clockWithin(day) : clockOf(time)
  return readDay(day) + clock - (clock % 1000)
}

/** The moment in both columns: the day keeps its kind and form with midnight in it, the time its form. */
export function storeDayAndTime(fhir: unknown, before: readonly unknown[], { timeZone }: CodecContext): unknown[] {
  const [day, time] = before
  if (fhir === undefined) return [null, null]
  const { at, fraction } = momentOfFhir(fhir)
  if (fraction === '' && readsAs(day, time, at, timeZone)) return [day, time]
  const wall = storableWall(timeZone, at)
  const clock = ((wall % DAY) + DAY) % DAY
  return [storeDay(wall - clock, day), storeClock(clock, fraction, time)]
}

function readsAs(day: unknown, time: unknown, at: number, zone: string): boolean {
  try {
    return readDayAndTime(day, time, zone) === at
  } catch {
    return false
  }
}

function storeDay(midnight: number, before: unknown): unknown {
  if (before instanceof Date) return new Date(midnight)
  const form = typeof before === 'string' ? parseTime(before.trim()) : undefined
  return dayText(midnight) + (form === undefined ? ' 00:00:00' : midnightLike(form))
}

/** ` 00:00:00`, `T00:00:00.000Z`, or nothing for a date alone. */
function midnightLike({ separator, seconds, fraction, offset }: TimeText): string {
  if (separator === '') return ''
  const decimals = fraction === '' ? '' : `.${'0'.repeat(fraction.length)}`
  return `${separator}00:00${seconds ? ':00' : ''}${decimals}${offset}`
}

function storeClock(clock: number, fraction: string, before: unknown): string {
  const seconds = typeof before === 'string' && before.trim().length > 5
  if (fraction !== '' || (!seconds && clock % 60_000 !== 0)) {
    throw new NotStorableError(`The source holds this time to the ${seconds ? 'second' : 'minute'} only.`)
  }
  return clockText(clock).slice(0, seconds ? 8 : 5)
}
