/**
 * JSON lines on standard output (pino). No PHI: a field that is not on the list below is dropped, and an error is
 * logged by name, code and stack frames, never by its message or by what it wraps: they quote values.
 */
import { pino } from 'pino'
import type { DestinationStream, LogFn, Logger as PinoLogger } from 'pino'
import { standardOutput } from './log-stream.ts'

export type Logger = PinoLogger

/** Names of things of ours, counts and times; never a value or a key of a row, a resource, a URL or a person. */
const FIELDS = new Set([
  ...['err', 'method', 'interaction', 'status', 'ms'],
  ...['instance', 'system', 'collection', 'collections', 'mapping', 'rule', 'indexes'],
  ...['rows', 'resources', 'problems', 'count', 'attempt', 'lagMs'],
  ...['address', 'pid', 'signal', 'queue', 'job', 'version'],
])
const FRAMES = 8

/** pino's number of `info` */
const INFORMATION = 30

export function createLogger(level: string, stream: DestinationStream & Flushed = standardOutput()): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: keepListed },
    serializers: { err: describeError },
    hooks: {
      logMethod(this: PinoLogger, given: Parameters<LogFn>, log: LogFn, number: number) {
        nameErrors(this, given, log)
        if (number > INFORMATION) stream.flushSync?.()
      },
    },
  }
  return pino(options, stream)
}

/** A stream that holds lines back. */
interface Flushed {
  flushSync?(): void
}

/** pino takes the message of an error that is logged alone for the line's own. */
function nameErrors(logger: PinoLogger, given: Parameters<LogFn>, log: LogFn): void {
  const [first] = given as [unknown, ...unknown[]]
  if (given.length === 1 && first instanceof Error) log.call(logger, first, first.name)
  else log.apply(logger, given)
}

function keepListed(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const name in fields) if (FIELDS.has(name)) kept[name] = fields[name]
  return kept
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error }
  const code = (error as { code?: unknown }).code
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const stack = frames.slice(0, FRAMES).map((line) => line.trim())
  return { name: error.name, ...(code !== undefined && { code }), stack }
}
