/**
 * One winner under any race. A guard is a document that everybody writes who is about to make something that may be there
 * once only: of two transactions that do so at once one is turned away, tried again, and then sees what the other made.
 * Numbers that are given once come from counters, outside of transactions: a number that nobody used is lost, as of any
 * sequence.
 */
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'

export async function writeGuards(store: Store, keys: Iterable<string>, session: ClientSession): Promise<void> {
  const writes = [...keys].map((_id) => ({ updateOne: { filter: { _id }, update: { $inc: { n: 1 } }, upsert: true } }))
  if (writes.length > 0) await store.guards.bulkWrite(writes, { session, ordered: false })
}

/** The next number, which is above `floor` and was never given before. */
export async function nextNumber(store: Store, key: string, floor: number): Promise<number> {
  const after = await store.counters.findOneAndUpdate(
    { _id: key },
    [{ $set: { n: { $add: [{ $max: ['$n', floor] }, 1] } } }],
    { upsert: true, returnDocument: 'after', writeConcern: { w: 'majority' } },
  )
  return Number(after?.n)
}

/** Was a number ever given? */
export async function hasCounter(store: Store, key: string): Promise<boolean> {
  return (await store.counters.findOne({ _id: key }, { projection: { _id: 1 } })) !== null
}
