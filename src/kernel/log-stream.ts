/**
 * Where log lines go: standard output, many lines in one write, since a write for each costs what a tenth of a read by id
 * does. What is held back is written after a moment, with anything worse than information, and at the end.
 */
import { pino } from 'pino'
import type { DestinationStream } from 'pino'
import { outputFailed } from './output.ts'

/** characters */
const LENGTH = 8_192
const MOMENT = 100
/** Characters kept while they cannot be written (a full disk); lines over that are lost. */
const UNWRITTEN = 1_048_576

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
  const destination = pino.destination({ dest: 1, sync: true, maxLength: UNWRITTEN })
  destination.on('error', outputFailed)
  const stream = gatheredLines(destination)
  process.once('exit', () => stream.flushSync())
  return stream
}

/** A list, for pino's own stream counts the bytes of all that it holds back with each line. */
export function gatheredLines(output: DestinationStream): LogStream {
  let lines: string[] = []
  let length = 0
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (lines.length === 0) return
    const text = lines.join('')
    lines = []
    length = 0
    output.write(text)
  }
  return {
    write(line) {
      lines.push(line)
      length += line.length
      if (length >= LENGTH) flush()
      else timer ??= setTimeout(flush, MOMENT).unref()
    },
    flushSync: flush,
  }
}
