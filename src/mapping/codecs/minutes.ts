/**
 * `end-of` and `plus-minutes`: a start and a number of minutes ↔ the end. `minutes-between`: two timestamps → minutes.
 *
 * The end decides the minutes only: on write the start is what the columns hold then, so the rule of the start must
 * stand before the rule of the end.
 */
import type { Codec, CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { readDayAndTime } from './day-and-time.ts'
import { readInteger, storeInteger } from './integer.ts'
import { momentOfFhir, readMoment, utcText } from './moment.ts'
import type { Moment } from './moment.ts'

const MINUTE = 60_000

/** The start the columns name, all but the last. */
type Start = (columns: readonly unknown[], context: CodecContext) => Moment | undefined

const dayAndTime: Start = (columns, { timeZone }) => {
  const at = readDayAndTime(columns[0], columns[1], timeZone)
  return at === undefined ? undefined : { at, fraction: '' }
}

const timestamp: Start = ([stored], { timeZone }) =>
  stored === null || stored === undefined || stored === '' ? undefined : readMoment(stored, timeZone, 'instant')

/** A missing, zero or negative length is the assumed one, if the rule has one (entities §2 Appointment). */
function minutesOf(stored: unknown, assumed: number | undefined): number | undefined {
  const minutes = stored === null || stored === undefined || stored === '' ? 0 : readInteger(stored)
  return minutes > 0 ? minutes : assumed
}

function endCodec(startOf: Start, assumed: number | undefined): Codec {
  return {
    read(stored, context) {
      const columns = stored as readonly unknown[]
      const start = startOf(columns, context)
      const minutes = minutesOf(columns.at(-1), assumed)
      if (start === undefined || minutes === undefined) return undefined
      return utcText({ at: start.at + minutes * MINUTE, fraction: start.fraction })
    },
    write(fhir, before, context) {
      const columns = (before ?? []) as readonly unknown[]
      const kept = columns.slice(0, -1)
      const minutes = columns.at(-1)
      const start = startOf(columns, context)
      if (fhir === undefined) return [...kept, withoutEnd(start, assumed)]
      const length = lengthUntil(fhir, start)
      return [...kept, minutesOf(minutes, assumed) === length ? minutes : storeInteger(length, minutes, 1)]
    },
  }
}

function withoutEnd(start: Moment | undefined, assumed: number | undefined): null {
  if (start === undefined || assumed === undefined) return null
  throw new NotStorableError(`The source takes ${assumed} minutes where no end is given; send an end.`)
}

function lengthUntil(fhir: unknown, start: Moment | undefined): number {
  if (start === undefined) throw new NotStorableError('The source holds an end only after a start; send both.')
  const end = momentOfFhir(fhir)
  const length = (end.at - start.at) / MINUTE
  if (end.fraction === start.fraction && Number.isInteger(length) && length > 0) return length
  throw new NotStorableError('The end must be a whole number of minutes after the start.')
}

function minutesBetween(stored: unknown, { timeZone }: CodecContext): number | undefined {
  const [from, to] = stored as readonly unknown[]
  if (!from || !to) return undefined
  const length = readMoment(to, timeZone, 'instant').at - readMoment(from, timeZone, 'instant').at
  return length < MINUTE ? undefined : Math.floor(length / MINUTE)
}

function assumedOf(option: unknown): number | undefined {
  return option === undefined ? undefined : Number(option)
}

const options = { default: { type: 'integer', minimum: 1 } }

export const endOf: CodecDefinition = {
  name: 'end-of',
  types: ['dateTime', 'instant'],
  fields: 3,
  options,
  make: (given) => endCodec(dayAndTime, assumedOf(given['default'])),
}

export const plusMinutes: CodecDefinition = {
  name: 'plus-minutes',
  types: ['dateTime', 'instant'],
  fields: 2,
  options,
  make: (given) => endCodec(timestamp, assumedOf(given['default'])),
}

/** `assumed-length`: the start and the minutes, as for the end → true where the end is an assumption. Read only. */
export const assumedLength: CodecDefinition = {
  name: 'assumed-length',
  types: ['boolean'],
  fields: 'any',
  make: () => ({
    read(stored) {
      const columns = stored as readonly unknown[]
      return columns[0] !== null && minutesOf(columns.at(-1), undefined) === undefined ? true : undefined
    },
  }),
}

export const minutesBetweenCodec: CodecDefinition = {
  name: 'minutes-between',
  types: ['integer', 'positiveInt', 'unsignedInt'],
  fields: 2,
  make: () => ({ read: minutesBetween }),
}
