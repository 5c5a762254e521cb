/**
 * One transaction of the projection: reads see one snapshot, writes are journalled on a majority or not there at all.
 *
 * `work` may run several times (another writer was faster, a primary stepped down): it keeps nothing from one run to
 * the next. A session takes one command at a time, so nothing inside runs in parallel.
 */
import { MongoError } from 'mongodb'
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'
import type { Moment } from './snapshot.ts'

const options = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
} as const

export async function inTransaction<T>(
  session: ClientSession,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  return session.withTransaction(() => work(session), options)
}

/** Runs `work` on one snapshot and writes nothing, whatever it tried. */
export async function onSnapshot<T>(session: ClientSession, work: (session: ClientSession) => Promise<T>): Promise<T> {
  session.startTransaction(options)
  try {
    return await work(session)
  } finally {
    await session.abortTransaction()
  }
}

/** Nothing of it was written. */
export class NotCommittedError extends Error {
  override readonly name = 'NotCommittedError'
}

/** A session for a transaction at an earlier moment: the server takes no time of a snapshot together with one to come after. */
export function sessionAt({ client }: Store): ClientSession {
  return client.startSession({ causalConsistency: false })
}

/**
 * A transaction of writes alone, at the moment of reads that were made before it: it loses to every write since then to a
 * document it writes.
 */
export async function commitAt(
  session: ClientSession,
  moment: Moment,
  write: (session: ClientSession) => Promise<void>,
): Promise<void> {
  session.startTransaction({ ...options, ...('readConcern' in moment && { readConcern: moment.readConcern }) })
  try {
    await write(session)
  } catch (cause) {
    await session.abortTransaction()
    throw new NotCommittedError('the transaction was ended', { cause })
  }
  await commit(session)
}

/** Until it is known whether it was committed. */
async function commit(session: ClientSession): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await session.commitTransaction()
      return
    } catch (cause) {
      const is = (label: string): boolean => cause instanceof MongoError && cause.hasErrorLabel(label)
      if (is('TransientTransactionError')) throw new NotCommittedError('the transaction was not committed', { cause })
      if (tries === MOST_COMMITS || !is('UnknownTransactionCommitResult')) throw cause
    }
  }
}

const MOST_COMMITS = 3

/** Unless said otherwise no request waits longer; a frozen server is not noticed by the driver's own timeouts in time (facts). */
export const DEADLINE = 10_000

export async function withDeadline<T>(
  work: (isOver: () => boolean) => Promise<T>,
  milliseconds = DEADLINE,
): Promise<T> {
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      isOver = true
      reject(new DOMException('The database did not answer in time.', 'TimeoutError'))
    }, milliseconds)
  })
  try {
    return await Promise.race([work(() => isOver), end])
  } finally {
    clearTimeout(timer)
  }
}

/** A session for the work of one request. Past the deadline the session ends, and with it whatever was not committed. */
export async function withSession<T>(
  { client }: Store,
  work: (session: ClientSession) => Promise<T>,
  milliseconds = DEADLINE,
): Promise<T> {
  const session = client.startSession()
  try {
    return await withDeadline(() => work(session), milliseconds)
  } finally {
    session.endSession().catch(() => undefined)
  }
}
