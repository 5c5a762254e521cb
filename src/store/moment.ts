/**
 * Reads that all see one moment of the database, whatever is written between them (read concern `snapshot`).
 *
 * The first read chooses the moment and costs what any read costs; later ones, of the same request or of the next page,
 * are done at it. MongoDB keeps the past for `minSnapshotHistoryWindowInSeconds`, five minutes if nobody says otherwise.
 */
import { MongoServerError, Timestamp } from 'mongodb'
import type { ClientSession, Document, ReadConcernLike } from 'mongodb'
import type { Store } from './collections.ts'
import { readRaw } from './read-command.ts'
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
export type Together = (wanted: Wanted) => Promise<readonly Document[]>

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
  // A session is made for a read that shares no command: of such that do, their answer tells the moment
  let session: SnapshotSession | undefined
  let known = time
  const timeNow = (): string | undefined => (known ??= session?.snapshotTime && timeOf(session.snapshotTime))
  const ownSession = (): SnapshotSession => {
    const own: SnapshotSession = client.startSession({ snapshot: true })
    if (known !== undefined) own.snapshotTime = timestampOf(known)
    return own
  }
  const inTurn = turnsOf(time !== undefined)
  try {
    return await work({
      reading: (read) =>
        inTurn(() => {
          session ??= ownSession()
          return read({ ...limits(), session, readConcern: { level: 'snapshot' } })
        }),
      together: (wanted) =>
        inTurn(async () => {
          const { found, moment } = await searches(wanted, timeNow())
          known ??= moment
          return found
        }),
      time: timeNow,
    })
  } finally {
    await session?.endSession()
  }
}

export interface Instant extends Time {
  /** which moment; undefined: now */
  readonly moment: string | undefined
}

/** One read by a command (read-command.ts), and the moment that it was done at. */
export async function atSnapshot(
  store: Store,
  { moment, ...time }: Instant,
  command: Document,
): Promise<{ readonly documents: readonly Document[]; readonly moment: string }> {
  const readConcern = { level: 'snapshot', ...(moment !== undefined && { atClusterTime: timestampOf(moment) }) }
  const { documents, atClusterTime } = await readRaw(store, { ...command, readConcern }, time)
  if (!atClusterTime) throw new Error('MongoDB gave no time to a search at one moment.')
  return { documents, moment: timeOf(atClusterTime) }
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
