/**
 * Dead letters of the relay: versions that one of the followers fails at, whatever is tried. They are parked in the
 * transaction that hands them to all others, by their ids and the kind of error, and wait for somebody to mend its cause.
 */
import type { ClientSession } from 'mongodb'
import { ObjectId } from 'mongodb'
import type { Store } from './collections.ts'
import type { ParkedDocument } from './documents.ts'
import { inTransaction, withSession } from './transaction.ts'

export type Parked = Pick<ParkedDocument, 'follower' | 'changes' | 'reason'>

export async function park({ parked }: Store, all: readonly Parked[], session: ClientSession): Promise<void> {
  const at = new Date()
  if (all.length > 0)
    await parked.insertMany(
      all.map((each) => ({ _id: new ObjectId(), at, ...each })),
      { session },
    )
}

/** Versions, by follower. */
export async function countParked({ parked }: Store): Promise<Record<string, number>> {
  const counts = await parked
    .aggregate<{ _id: string; n: number }>([
      { $group: { _id: '$follower', n: { $sum: { $size: '$changes' } } } },
      { $sort: { _id: 1 } },
    ])
    .toArray()
  return Object.fromEntries(counts.map(({ _id, n }) => [_id, n]))
}

/** The oldest first. */
export function listParked({ parked }: Store): AsyncIterable<ParkedDocument> {
  return parked.find().sort({ _id: 1 })
}

const AT_ONCE = 100

/** Back into the outbox, for the followers they were parked for; gives how many versions. */
export async function tryParkedAgain(store: Store): Promise<number> {
  let count = 0
  for (;;) {
    const moved = await withSession(store, (session) => inTransaction(session, () => moveSome(store, session)))
    if (moved === 0) return count
    count += moved
  }
}

async function moveSome({ parked, outbox }: Store, session: ClientSession): Promise<number> {
  const some = await parked.find({}, { session }).sort({ _id: 1 }).limit(AT_ONCE).toArray()
  if (some.length === 0) return 0
  const rows = some.map(({ at, changes, follower }) => ({ _id: new ObjectId(), at, changes, for: follower }))
  await outbox.insertMany(rows, { session })
  await parked.deleteMany({ _id: { $in: some.map(({ _id }) => _id) } }, { session })
  return some.reduce((sum, { changes }) => sum + changes.length, 0)
}
