/**
 * `end-or-assumed`: `[end, start]` ↔ the end; where none is stored, the start and as many minutes as `default` says
 * (R4 app-2: an appointment has start and end, or neither).
 *
 * The start is never written here: its own rule stands before this one.
 */
import type { Codec, CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { readMoment, readTimestamp, storeTimestamp, utcText } from './moment.ts'

const MINUTE = 60_000

function isEmpty(stored: unknown): boolean {
  return stored === null || stored === undefined || stored === ''
}

function assumedEnd(start: unknown, minutes: number, { timeZone }: CodecContext): string | undefined {
  if (isEmpty(start)) return undefined
  const { at, fraction } = readMoment(start, timeZone, 'instant')
  return utcText({ at: at + minutes * MINUTE, fraction })
}

function endOrAssumed(minutes: number, type: string): Codec {
  return {
    read(stored, context) {
      const [end, start] = stored as readonly unknown[]
      return isEmpty(end) ? assumedEnd(start, minutes, context) : readTimestamp(end, context.timeZone, 'instant', type)
    },
    write(fhir, before, context) {
      const [end, start] = (before ?? []) as readonly unknown[]
      const assumed = assumedEnd(start, minutes, context)
      if (fhir === undefined && assumed !== undefined) {
        throw new NotStorableError(
          `Where no end is stored it is read as ${minutes} minutes after the start; send an end.`,
        )
      }
      if (isEmpty(end) && fhir === assumed) return [end, start]
      return [storeTimestamp(fhir, isEmpty(end) ? start : end, context.timeZone, 'instant'), start]
    },
  }
}

export const endOrAssumedCodec: CodecDefinition = {
  name: 'end-or-assumed',
  types: ['instant', 'dateTime'],
  fields: 2,
  options: { default: { type: 'integer', minimum: 1 } },
  make: ({ default: minutes = 30, type }) => endOrAssumed(Number(minutes), type),
}
