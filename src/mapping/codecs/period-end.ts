/**
 * `period-end`: `[end, start]` ↔ Period.end, through the codec named by `of` (instant when none is). An end before the
 * start is a slip, and no Period (per-1): it is left out and counted, and none can be written.
 *
 * The start is never written here: its own rule stands before this one.
 */
import type { Codec, CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { instant } from './instant.ts'

function readOne(of: Codec, stored: unknown, context: CodecContext): string | undefined {
  return stored === null || stored === undefined ? undefined : (of.read(stored, context) as string | undefined)
}

/** To the millisecond, then by the digits after it, which compare as text. */
function isBefore(end: string, start: string): boolean {
  const [one, other] = [end, start].map((text) => Date.parse(text)) as [number, number]
  return one === other ? fractionOf(end) < fractionOf(start) : one < other
}

function fractionOf(text: string): string {
  return /\.\d+/.exec(text)?.[0] ?? ''
}

function periodEnd(of: Codec): Codec {
  return {
    read(stored, context) {
      const columns = stored as readonly unknown[]
      if (columns[0] === null) return undefined
      // the start first: it was read for its own element just now, and is known
      const start = readOne(of, columns[1], context)
      const end = readOne(of, columns[0], context)
      if (end === undefined || start === undefined) return end
      // both are in UTC, or both are days: of one length they compare as text
      if (end.length === start.length ? end >= start : !isBefore(end, start)) return end
      context.warn('the end lies before the start')
      return undefined
    },
    write(fhir, before, context) {
      const [end, start] = (before ?? []) as readonly unknown[]
      if (fhir === undefined) return [null, start]
      if (!of.write) throw new NotStorableError('is made by the gateway and cannot be written')
      const begun = readOne(of, start, context)
      if (begun !== undefined && isBefore(fhir as string, begun)) throw new NotStorableError('lies before the start')
      return [of.write(fhir, end ?? null, context), start]
    },
  }
}

export const periodEndCodec: CodecDefinition = {
  name: 'period-end',
  types: ['dateTime'],
  fields: 2,
  make: (options) => periodEnd(options.of ?? instant.make(options)),
}
