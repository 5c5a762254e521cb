/**
 * Dates and times as text, taken apart without Date: `new Date('2024-02-30')` is March, and no row may move a day.
 *
 * A time is the milliseconds of its digits read as if they were UTC; what offset or zone they have is kept beside it.
 */

export interface TimeText {
  /** the digits to the second, read as UTC */
  readonly digits: number
  /** between date and time, '' for a date alone */
  readonly separator: string
  readonly seconds: boolean
  /** after the dot; '' when there is none */
  readonly fraction: string
  /** as written: 'Z', '+05:30', ' +00', '' */
  readonly offset: string
}

const TAIL = /^(?:\.(\d{1,9}))?( ?(?:Z|z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?))?$/
const ZERO = 48
const FIRST = Date.parse('0001-01-02T00:00:00Z')
const LAST = Date.parse('9999-12-30T23:59:59.999Z')

function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO
  const ones = text.charCodeAt(at + 1) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days since 1970-01-01 (Howard Hinnant, days_from_civil: http://howardhinnant.github.io/date_algorithms.html). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

/** Midnight of the `YYYY-MM-DD` a text starts with; NaN when there is no such day. */
export function dayDigits(text: string): number {
  // V8 reads characters slowly from then on where one was asked for that is not there
  if (text.length < 10) return NaN
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  const day = two(text, 8)
  const dashes = text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45
  if (!(dashes && year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return NaN
  return daysSinceEpoch(year, month, day) * 86_400_000
}

/** Milliseconds of the `HH:MM` at a place of a text, and of its `:SS` when `seconds`; NaN when there is no such time. */
export function clockDigits(text: string, at: number, seconds: boolean): number {
  if (text.length < at + (seconds ? 8 : 5)) return NaN
  const hour = two(text, at)
  const minute = two(text, at + 3)
  const second = seconds ? two(text, at + 6) : 0
  const colons = text.charCodeAt(at + 2) === 58 && (!seconds || text.charCodeAt(at + 5) === 58)
  return colons && hour < 24 && minute < 60 && second < 60 ? ((hour * 60 + minute) * 60 + second) * 1000 : NaN
}

/** Is this the text every time is given as, `YYYY-MM-DDTHH:MM:SSZ`, and a real moment? The cheap way for most rows. */
export function isUtcText(text: string): boolean {
  if (text.length !== 20 || text.charCodeAt(19) !== 90 || text.charCodeAt(10) !== 84) return false
  return !Number.isNaN(dayDigits(text) + clockDigits(text, 11, true))
}

/** A date, or a date with a time to the minute or finer, with or without an offset; undefined when it is none. */
export function parseTime(text: string): TimeText | undefined {
  const day = dayDigits(text)
  if (Number.isNaN(day)) return undefined
  if (text.length === 10) return { digits: day, separator: '', seconds: false, fraction: '', offset: '' }
  const separator = text.charAt(10)
  const seconds = text.charAt(16) === ':'
  const clock = clockDigits(text, 11, seconds)
  if ((separator !== 'T' && separator !== ' ') || Number.isNaN(clock)) return undefined
  const end = seconds ? 19 : 16
  if (text.length === end) return { digits: day + clock, separator, seconds, fraction: '', offset: '' }
  const tail = TAIL.exec(text.slice(end))
  if (!tail || (!seconds && tail[1] !== undefined)) return undefined
  return { digits: day + clock, separator, seconds, fraction: tail[1] ?? '', offset: tail[2] ?? '' }
}

/** Milliseconds east of UTC of `Z`, `+05:30`, `+0530`, `+05`. */
export function offsetMilliseconds(written: string): number {
  const offset = written.trim()
  if (offset === 'Z' || offset === 'z') return 0
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3).replace(':', ''))
  return (offset.startsWith('-') ? -minutes : minutes) * 60_000
}

const TWO = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))
/** FHIR knows the years 1 to 9999; a day is left at both ends for what an offset moves. */
export function isInCalendar(digits: number): boolean {
  return digits >= FIRST && digits <= LAST
}

/** A clinic's rows are of some years: their days are remembered. */
const days = new Map<number, string>()
const MOST_DAYS = 40_000

/** `YYYY-MM-DD` of digits. */
export function dayText(digits: number): string {
  const day = Math.floor(digits / 86_400_000)
  return days.get(day) ?? newDayText(day)
}

function newDayText(day: number): string {
  const text = dayTextOf(day)
  if (days.size >= MOST_DAYS) days.clear()
  days.set(day, text)
  return text
}

/** The way back from days since 1970-01-01 (civil_from_days), five times as fast as Date.toISOString. */
function dayTextOf(sinceEpoch: number): string {
  const days = sinceEpoch + 719_468
  const era = Math.floor(days / 146_097)
  const dayOfEra = days - era * 146_097
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${TWO[Math.floor(year / 100)]}${TWO[year % 100]}-${TWO[month]}-${TWO[day]}`
}

/** `T`, then `HH:MM:` of every minute of a day: joining texts is most of what writing a time costs. */
const MINUTES = Array.from({ length: 1440 }, (_, minute) => `T${TWO[Math.floor(minute / 60)]}:${TWO[minute % 60]}:`)

const SECONDS_UTC = TWO.map((text) => `${text}Z`)

/** Most appointments start and end with a minute. */
const WHOLE_MINUTES_UTC = MINUTES.map((text) => `${text}00Z`)

/** `YYYY-MM-DDTHH:MM:SSZ` of digits. */
export function utcTimeText(digits: number): string {
  const seconds = Math.floor(digits / 1000) - Math.floor(digits / 86_400_000) * 86_400
  const minutes = Math.floor(seconds / 60)
  const rest = seconds - minutes * 60
  if (rest === 0) return dayText(digits) + (WHOLE_MINUTES_UTC[minutes] as string)
  return dayText(digits) + ((MINUTES[minutes] as string) + (SECONDS_UTC[rest] as string))
}

/** `HH:MM:SS` of digits. */
export function clockText(digits: number): string {
  return utcTimeText(digits).slice(11, 19)
}
