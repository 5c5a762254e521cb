/**
 * Which errors say "not now" (the database is away, another writer was faster, this session was ended) and which say
 * "never" (a document that cannot be stored): the first are tried again, the second would fail for ever.
 */
import { MongoError, MongoInvalidArgumentError, MongoServerError } from 'mongodb'
import { RefusedWriteError } from './write-command.ts'

const PASSING_LABELS = [
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
  'RetryableWriteError',
  'RetryableError',
]
/** Interrupted, shutdown, no primary, no disk, time out (src/mongo/base/error_codes.yml). */
const PASSING_CODES = new Set([
  6, 7, 50, 64, 89, 91, 112, 189, 202, 246, 251, 262, 317, 358, 9001, 10107, 11600, 11601, 11602, 13388, 13435, 13436,
  14031,
])
/** MaxTimeMSExpired, ExceededTimeLimit: the server itself says that the time of the query was over. */
const TIME_CODES = new Set([50, 262])

export function isTooSlow(error: unknown): boolean {
  return error instanceof MongoServerError && TIME_CODES.has(Number(error.code))
}

export function isPassing(error: unknown): boolean {
  if (!(error instanceof MongoError) || error instanceof MongoInvalidArgumentError) return false
  if (PASSING_LABELS.some((label) => error.hasErrorLabel(label))) return true
  // The driver's own errors: no connection, no server, a pool that was cleared
  return !(error instanceof MongoServerError) || PASSING_CODES.has(Number(error.code))
}

/** A unique key that is there already, of one of the gateway's own collections when it is named. */
export function isDuplicate(error: unknown, collection?: string): boolean {
  const isRefusal = error instanceof MongoServerError || error instanceof RefusedWriteError
  if (!isRefusal || error.code !== 11_000) return false
  return collection === undefined || error.message.includes(`.${collection} `)
}

/** False: what was inserted is there already, by a unique key. */
export async function isNew(inserted: Promise<unknown>, collection?: string): Promise<boolean> {
  try {
    await inserted
    return true
  } catch (error) {
    if (isDuplicate(error, collection)) return false
    throw error
  }
}

/** Unauthorized, AuthenticationFailed: somebody must grant something, and nothing is lost until then. */
export function isDenied(error: unknown): boolean {
  return error instanceof MongoServerError && (error.code === 13 || error.code === 18)
}
