/**
 * Every question to MongoDB has an end, and an outage has one face: GW_UNAVAILABLE.
 *
 * The driver's own `timeoutMS` does nothing in 7.8, and a frozen server answers no socket: the signal ends the waiting
 * here, `maxTimeMS` ends the work there.
 */
import { MongoError, MongoServerError } from 'mongodb'
import { GatewayError } from '../kernel/errors.ts'

const LIMIT = 3_000

export interface Deadline {
  readonly signal: AbortSignal
  readonly maxTimeMS: number
}

export async function withDeadline<T>(ask: (deadline: Deadline) => Promise<T>): Promise<T> {
  try {
    return await ask({ signal: AbortSignal.timeout(LIMIT), maxTimeMS: LIMIT })
  } catch (error) {
    throw isOutage(error)
      ? new GatewayError('GW_UNAVAILABLE', 'The database does not answer; try again soon.', { cause: error })
      : error
  }
}

/** MaxTimeMSExpired, and what a server says that is going away or no primary (any more). */
const outageCodes = new Set<unknown>([50, 91, 189, 10_107, 11_600, 11_602, 13_435, 13_436])

function isOutage(error: unknown): boolean {
  if (error instanceof MongoServerError) return outageCodes.has(error.code)
  // What is no answer of the server is about reaching it: networks, server selection, closed pools, time
  if (error instanceof MongoError) return true
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
}
