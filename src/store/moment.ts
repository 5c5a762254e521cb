/**
 * Reads that all see one moment of the database, whatever is written between them (read concern `snapshot`).
 *
 * The first read chooses the moment and costs what any read costs; later ones, of the same request or of the next page,
 * are done at it. MongoDB keeps the past for `minSnapshotHistoryWindowInSeconds`, five minutes if nobody says otherwise.
 */
import { MongoServerError, Timestamp } from 'mongodb'
import type { ClientSession, Document, ReadConcernLike } from 'mongodb'
import type { Store } from './collections.ts'
import type { SearchBatch, Wanted } from './search-batch.ts'

/** A frozen server is not noticed by the driver's own timeouts in time: the signal ends the wait. */
export interface Time {
  readonly signal: AbortSignal
  readonly maxTimeMS: number
}

export interface ReadOptions extends Time {
  readonly session?: ClientSession
  readonly readConcern?: ReadConcernLike
}

/** Does one read, with the options that every read of a request takes. */
export type Reading = <T>(read: (options: ReadOptions) => Promise<T>) => Promise<T>

/** Does one search, in one command with others at the same moment. */
export type Together = (wanted: Wanted) => Promise<Document[]>

/** What was there then cannot be read any more. */
export class MomentPassed extends Error {
  override readonly name = 'MomentPassed'
}

export interface Moment {
  readonly reading: Reading
  readonly together: Together
  /** undefined until something was read */
  readonly time: () => string | undefined
}

/** The driver keeps the moment there, and sets it from the first answer. */
export type SnapshotSession = ClientSession & { snapshotTime?: Timestamp }

/** `time`: that of an earlier moment. */
export async function atMoment<T>(
  { client }: Store,
  time: string | undefined,
  { limits, searches }: { readonly limits: () => Time; readonly searches: SearchBatch },
  work: (moment: Moment) => Promise<T>,
): Promise<T> {
  const session: SnapshotSession = client.startSession({ snapshot: true })
  if (time !== undefined) session.snapshotTime = timestampOf(time)
  const timeNow = (): string | undefined => session.snapshotTime && timeOf(session.snapshotTime)
  const inTurn = turnsOf(time !== undefined)
  try {
    return await work({
      reading: (read) => inTurn(() => read({ ...limits(), session, readConcern: { level: 'snapshot' } })),
      together: (wanted) =>
        inTurn(async () => {
          const { found, moment } = await searches(wanted, timeNow())
          session.snapshotTime ??= timestampOf(moment)
          return found
        }),
      time: timeNow,
    })
  } finally {
    await session.endSession()
  }
}

/** Seconds, and a number within the second. */
export function timeOf({ t, i }: Timestamp): string {
  return `${t}.${i}`
}

export function timestampOf(time: string): Timestamp {
  const [t, i] = time.split('.').map(Number)
  return new Timestamp({ t: t ?? 0, i: i ?? 0 })
}

function turnsOf(isPast: boolean): <T>(read: () => Promise<T>) => Promise<T> {
  if (isPast) return (read) => read().catch(passed)
  let first: Promise<unknown> | undefined
  return async (read) => {
    // Until an answer has set the moment, a second read would choose another
    if (first) await first
    const answer = read()
    first ??= answer
    return answer
  }
}

/** SnapshotTooOld, SnapshotUnavailable (collections were made anew since), StaleChunkHistory */
const PAST = new Set<unknown>([239, 246, 372])

function passed(error: unknown): never {
  if (error instanceof MongoServerError && PAST.has(error.code)) throw new MomentPassed(error.message, { cause: error })
  throw error
}
