/**
 * What interval a FHIR date, dateTime or instant means: `2024-02` is all of February (R4 search.html#date).
 *
 * Every part is checked by hand; `Date.parse` accepts 30 February. A time without a zone, which only searches may have,
 * is UTC. Partial times (`T10:30`) are a minute long.
 */

/** Half-open: `l` is in it, `h` is not. */
export interface DateRange {
  readonly l: Date
  readonly h: Date
}

const pattern = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** The calendar repeats after 400 years. Date.UTC reads years below 100 as 19xx, so it is asked for a later cycle. */
const cycle = 146_097 * day

/** Undefined when the text is no date of the years 0001 to 9999. */
export function dateRange(text: string): DateRange | undefined {
  const parts = pattern.exec(text)
  if (parts === null) return undefined
  const [, year = '', month, dayOfMonth, hours] = parts
  if (year === '0000') return undefined
  const y = Number(year)
  if (month === undefined) return range(utc(y, 0, 1), utc(y + 1, 0, 1))
  const m = Number(month)
  if (m < 1 || m > 12) return undefined
  if (dayOfMonth === undefined) return range(utc(y, m - 1, 1), utc(y, m, 1))
  const d = Number(dayOfMonth)
  if (d < 1 || d > daysIn(y, m)) return undefined
  const midnight = utc(y, m - 1, d)
  return hours === undefined ? range(midnight, midnight + day) : timeRange(midnight, parts)
}

function timeRange(midnight: number, parts: RegExpExecArray): DateRange | undefined {
  const [, , , , hours, minutes, seconds, fraction, zone] = parts
  const offset = zoneOffset(zone)
  const h = Number(hours)
  const m = Number(minutes)
  // 60 is a leap second (R4 datatypes.html#instant); it counts as the first second of the next minute
  const s = Number(seconds ?? 0)
  if (offset === undefined || h > 23 || m > 59 || s > 60) return undefined
  const start = midnight + h * hour + m * minute + s * 1000 - offset
  if (seconds === undefined) return range(start, start + minute)
  if (fraction === undefined) return range(start, start + 1000)
  const millisecond = start + Number(fraction.slice(0, 3).padEnd(3, '0'))
  return range(millisecond, millisecond + 10 ** Math.max(0, 3 - fraction.length))
}

/** Milliseconds east of Greenwich; FHIR knows offsets up to 14:00. */
function zoneOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))
  if (Number(zone.slice(4)) > 59 || minutes > 14 * 60) return undefined
  return (zone.startsWith('-') ? -minutes : minutes) * minute
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function utc(year: number, month: number, dayOfMonth: number): number {
  return year < 100 ? Date.UTC(year + 400, month, dayOfMonth) - cycle : Date.UTC(year, month, dayOfMonth)
}

function range(l: number, h: number): DateRange {
  return { l: new Date(l), h: new Date(h) }
}
