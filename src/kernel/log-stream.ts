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

/** One for the program: two would hold back lines of the same output, each its own. */
let output: LogStream | undefined

export function standardOutput(): LogStream {
  output ??= openedOutput()
  return output
}

function openedOutput(): LogStream {
  const stream = pino.destination({ dest: 1, sync: true, minLength: LINES, periodicFlush: MOMENT })
  process.once('exit', () => stream.flushSync())
  return stream
}
