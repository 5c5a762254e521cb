/**
 * Where log lines go: standard output, many lines in one write, since a write for each costs what a tenth of a read by id
 * does. What is held back is written after a moment, with anything worse than information, and at the end.
 */
import { pino } from 'pino'
import type { DestinationStream } from 'pino'

const LINES = 8_192
const MOMENT = 100

export interface LogStream extends DestinationStream {
  flushSync(): void
}

export function standardOutput(): LogStream {
  const stream = pino.destination({ dest: 1, sync: true, minLength: LINES, periodicFlush: MOMENT })
  process.once('exit', () => stream.flushSync())
  return stream
}
