/**
 * One transaction of the projection: reads see one snapshot, writes are journalled on a majority or not there at all.
 *
 * `work` may run several times (another writer was faster, a primary stepped down): it keeps nothing from one run to
 * the next. A session takes one command at a time, so nothing inside runs in parallel.
 */
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'

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

/** Unless said otherwise no request waits longer; a frozen server is not noticed by the driver's own timeouts in time (facts). */
const DEADLINE = 10_000

/** A session for the work of one request. Past the deadline the session ends, and with it whatever was not committed. */
export async function withSession<T>(
  { client }: Store,
  work: (session: ClientSession) => Promise<T>,
  milliseconds = DEADLINE,
): Promise<T> {
  const session = client.startSession()
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_resolve, reject) => {
    const late = (): void => reject(new DOMException('The database did not answer in time.', 'TimeoutError'))
    timer = setTimeout(late, milliseconds)
  })
  try {
    return await Promise.race([work(session), end])
  } finally {
    clearTimeout(timer)
    session.endSession().catch(() => undefined)
  }
}
