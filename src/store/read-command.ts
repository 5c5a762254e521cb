/**
 * Documents read by MongoDB's own commands, as their bytes (raw.ts). The driver's cursors bring the same and cost twice as
 * much, for they are made to be gone through step by step; here all is in the first answer, unless it is over 16 MB or over a
 * thousand documents.
 */
import type { Document, Timestamp } from 'mongodb'
import { Long } from 'mongodb'
import type { Store } from './collections.ts'
import { isPassing, isTooSlow } from './failures.ts'
import type { Time } from './moment.ts'

/** Documents in one answer. */
const MOST = 1_001

export interface Read {
  readonly documents: Document[]
  /** of a read at a snapshot: its moment */
  readonly atClusterTime: Timestamp | undefined
}

interface Cursor {
  readonly id: Long | number
  readonly firstBatch?: Document[]
  readonly nextBatch?: Document[]
  readonly atClusterTime?: Timestamp
}

/** `command`: a find or an aggregate, with its read concern. */
export async function readRaw(store: Pick<Store, 'client' | 'db'>, command: Document, time: Time): Promise<Read> {
  try {
    return await readOnce(store, command, time)
  } catch (error) {
    // Once more, as the driver's cursors do: there is another primary, or the connection was an old one
    if (!isPassing(error) || isTooSlow(error) || time.signal.aborted) throw error
    return readOnce(store, command, time)
  }
}

async function readOnce({ client, db }: Pick<Store, 'client' | 'db'>, command: Document, time: Time): Promise<Read> {
  const { signal, maxTimeMS } = time
  const session = client.startSession({ causalConsistency: false })
  const ask = async (asked: Document): Promise<Cursor> => {
    const options = { session, signal, fieldsAsRaw: { firstBatch: true, nextBatch: true } }
    return ((await db.command(asked, options)) as { cursor: Cursor }).cursor
  }
  try {
    const sized = 'find' in command ? { batchSize: MOST } : { cursor: { batchSize: MOST } }
    const { id, firstBatch: documents = [], atClusterTime } = await ask({ ...command, ...sized, maxTimeMS })
    const collection = (command['find'] ?? command['aggregate']) as string
    for (let left = id; !Long.fromValue(left).isZero();) {
      const more = await ask({ getMore: Long.fromValue(left), collection, batchSize: MOST })
      documents.push(...(more.nextBatch ?? []))
      left = more.id
    }
    return { documents, atClusterTime }
  } finally {
    await session.endSession()
  }
}
