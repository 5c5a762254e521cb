/**
 * Timestamps as columns hold them (text of several forms, BSON dates) ↔ moments, and back in the form that was there.
 *
 * Entities §3.1: a text with an offset is that moment; one without is wall time in the system's zone. A BSON date is a
 * moment too, except in columns of wall time, whose UTC digits it then holds.
 */
import { NotStorableError, UnreadableError } from '../errors.ts'
import { clockText, dayText, isInCalendar, isUtcText, offsetMilliseconds, parseTime, utcTimeText } from './time-text.ts'
import type { TimeText } from './time-text.ts'
import { instantToWall, wallToInstant } from './time-zone.ts'

/** `instant`: BSON dates are moments; `wall`: they are wall time. */
export type Family = 'instant' | 'wall'

export interface Moment {
  /** to the second, in milliseconds since 1970 */
  readonly at: number
  /** digits after the second, without zeros at the end */
  readonly fraction: string
}

const ISO_UTC: Omit<TimeText, 'digits'> = { separator: 'T', seconds: true, fraction: '', offset: 'Z' }
const SQL_WALL: Omit<TimeText, 'digits'> = { separator: ' ', seconds: true, fraction: '', offset: '' }

function splitMilliseconds(time: number): Moment {
  const rest = ((time % 1000) + 1000) % 1000
  return { at: time - rest, fraction: rest === 0 ? '' : trimZeros(String(rest).padStart(3, '0')) }
}

function trimZeros(fraction: string): string {
  return fraction.replace(/0+$/, '')
}

interface Known {
  readonly text: string
  readonly zone: string
  readonly moment: Moment | undefined
}

/** The start of a row is read again for its end. */
let last: Known = { text: '', zone: '', moment: undefined }

function momentOfText(text: string, zone: string): Moment | undefined {
  if (last.text !== text || last.zone !== zone) last = { text, zone, moment: parsedMoment(text, zone) }
  return last.moment
}

function parsedMoment(text: string, zone: string): Moment | undefined {
  const time = parseTime(text)
  if (time === undefined) return undefined
  const { digits, offset, fraction } = time
  const at = offset === '' ? wallToInstant(zone, digits) : digits - offsetMilliseconds(offset)
  return { at, fraction: fraction === '' ? '' : trimZeros(fraction) }
}

/** The moment a column holds; throws UnreadableError. */
export function readMoment(stored: unknown, zone: string, family: Family): Moment {
  const moment = tryMoment(stored, zone, family)
  if (moment !== undefined && isInCalendar(moment.at)) return moment
  throw new UnreadableError('the value is no date and time this system understands; mend it in the source')
}

function tryMoment(stored: unknown, zone: string, family: Family): Moment | undefined {
  if (typeof stored === 'string') return momentOfText(stored.trim(), zone)
  if (!(stored instanceof Date) || Number.isNaN(stored.getTime())) return undefined
  const { at, fraction } = splitMilliseconds(stored.getTime())
  return { at: family === 'wall' ? wallToInstant(zone, at) : at, fraction }
}

/** `YYYY-MM-DDTHH:MM:SSZ`, with as many milliseconds or finer as are not zero. */
export function utcText({ at, fraction }: Moment): string {
  const text = utcTimeText(at)
  return fraction === '' ? text : `${text.slice(0, 19)}.${fraction.padEnd(3, '0')}Z`
}

/** Stored → FHIR dateTime or instant. A text that is a date alone stays a date where the element allows it. */
export function readTimestamp(stored: unknown, zone: string, family: Family, type: string): string {
  if (typeof stored === 'string') {
    if (isUtcText(stored)) return stored
    const text = stored.trim()
    if (text.length === 10 && type !== 'instant' && parseTime(text)) return text
  }
  return utcText(readMoment(stored, zone, family))
}

/** What a FHIR client sent: a dateTime to the second, with its offset. */
export function momentOfFhir(fhir: unknown): Moment {
  const time = typeof fhir === 'string' ? parseTime(fhir) : undefined
  if (time === undefined || time.separator !== 'T' || time.offset === '') {
    throw new NotStorableError('The source needs a date with a time and an offset, such as 2026-01-31T09:30:00Z.')
  }
  const at = time.digits - offsetMilliseconds(time.offset)
  if (!isInCalendar(at)) throw new NotStorableError('The source holds times of the years 1 to 9999.')
  return { at, fraction: trimZeros(time.fraction) }
}

/** The wall time of a moment, which must be the first of that name: a column without offset cannot say "the second". */
export function storableWall(zone: string, at: number): number {
  const wall = instantToWall(zone, at)
  if (wallToInstant(zone, wall) === at) return wall
  throw new NotStorableError(
    'This moment is the second of two equal local times (clocks went back); the source can hold only the first.',
  )
}

/** FHIR → the form the column has. */
export function storeTimestamp(fhir: unknown, before: unknown, zone: string, family: Family): unknown {
  if (fhir === undefined) return null
  const form = typeof before === 'string' ? parseTime(before.trim()) : undefined
  if (form?.separator === '' && isDateAlone(fhir)) return fhir
  const moment = momentOfFhir(fhir)
  if (before instanceof Date) return bsonDate(moment, zone, family)
  if (form !== undefined && form.separator !== '') return textOf(moment, form, zone)
  return textOf(moment, family === 'instant' ? ISO_UTC : SQL_WALL, zone)
}

function isDateAlone(fhir: unknown): boolean {
  return typeof fhir === 'string' && parseTime(fhir)?.separator === ''
}

function bsonDate({ at, fraction }: Moment, zone: string, family: Family): Date {
  if (fraction.length > 3) throw new NotStorableError('The source holds milliseconds; send no finer time.')
  return new Date((family === 'wall' ? storableWall(zone, at) : at) + Number(fraction.padEnd(3, '0')))
}

function textOf({ at, fraction }: Moment, form: Omit<TimeText, 'digits'>, zone: string): string {
  const digits = form.offset === '' ? storableWall(zone, at) : at + offsetMilliseconds(form.offset)
  const width = form.seconds || digits % 60_000 !== 0 || fraction !== '' ? 8 : 5
  const places = Math.max(form.fraction.length, fraction === '' ? 0 : 3)
  const decimals = places === 0 ? '' : `.${fraction.padEnd(places, '0')}`
  return `${dayText(digits)}${form.separator}${clockText(digits).slice(0, width)}${decimals}${form.offset}`
}
