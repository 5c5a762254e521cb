/**
 * Which errors say "not now" (the database is away, another writer was faster, this session was ended) and which say
 * "never" (a document that cannot be stored): the first are tried again, the second would fail for ever.
 */
import { MongoError, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb'

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
const STREAM_LOST = new Set([234, 260, 280, 286, 10334])

export function isPassing(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true
  if (PASSING_LABELS.some((label) => error.hasErrorLabel(label))) return true
  return error instanceof MongoServerError ? PASSING_CODES.has(Number(error.code)) : !error.message.includes('BSON')
}

/** The change stream cannot go on where it was: events between are lost (faults 14, 17). */
export function isStreamLost(error: unknown): boolean {
  return (
    error instanceof MongoServerError &&
    (STREAM_LOST.has(Number(error.code)) || error.hasErrorLabel('NonResumableChangeStreamError'))
  )
}
