/**
 * `periods`: starts and ends of several rows → a list of Period, one a row that has either. `span`: the same columns →
 * the earliest start and, once all that started have ended, the latest end. Both read only.
 */
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { readMoment, utcText } from './moment.ts'
import type { Moment } from './moment.ts'

interface Session {
  readonly start: Moment | undefined
  readonly end: Moment | undefined
}

/** The columns as the engine gives them: a list of each, or nothing where there are no rows. */
function sessionsOf(stored: unknown, context: CodecContext): Session[] {
  const [starts, ends] = (stored as readonly (readonly unknown[] | null)[]).map((column) => column ?? [])
  return (starts ?? [])
    .map((start, row) => sessionOf(start, ends?.[row], context))
    .filter(({ start, end }) => start !== undefined || end !== undefined)
}

/** An end before the start is a slip of the clock, and no Period (per-1). */
function sessionOf(started: unknown, ended: unknown, context: CodecContext): Session {
  const [start, end] = [started, ended].map((value) =>
    value === null || value === undefined ? undefined : readMoment(value, context.timeZone, 'instant'),
  )
  if (!start || !end || inOrder(start, end) <= 0) return { start, end }
  context.warn('a row ends before it starts')
  return { start, end: undefined }
}

function periodOf({ start, end }: Session): object {
  return { ...(start && { start: utcText(start) }), ...(end && { end: utcText(end) }) }
}

/** To the second, then by the digits after it, which compare as text. */
function inOrder(one: Moment, other: Moment): number {
  return one.at - other.at || (one.fraction < other.fraction ? -1 : Number(one.fraction > other.fraction))
}

function spanOf(sessions: readonly Session[]): readonly (string | undefined)[] | undefined {
  if (sessions.length === 0) return undefined
  const first = sessions.flatMap(({ start }) => start ?? []).sort(inOrder)[0]
  const ends = sessions.flatMap(({ end }) => end ?? []).sort(inOrder)
  const last = ends.length === sessions.length ? ends.at(-1) : undefined
  return [first && utcText(first), last && utcText(last)]
}

export const periods: CodecDefinition = {
  name: 'periods',
  types: ['Period'],
  fields: 2,
  list: true,
  make: () => ({
    read(stored, context) {
      const found = sessionsOf(stored, context).map(periodOf)
      return found.length > 0 ? found : undefined
    },
  }),
}

export const span: CodecDefinition = {
  name: 'span',
  types: ['dateTime'],
  fields: 2,
  paths: 2,
  make: () => ({ read: (stored, context) => spanOf(sessionsOf(stored, context)) }),
}
