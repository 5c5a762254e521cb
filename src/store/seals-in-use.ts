/**
 * Which keys something in this database may be sealed with. A gateway says so of its first key before it seals anything,
 * and does not start without one of the others: what they sealed could not be read.
 */
import { StartError } from '../kernel/errors.ts'
import type { Store } from './collections.ts'
import type { MetaDocument } from './documents.ts'

const NAME = 'seals'

/** In `meta`. */
export type KeysInUse = Pick<MetaDocument, 'kids' | 'version'>

export async function keysInUse({ meta }: Store): Promise<KeysInUse> {
  return (await meta.findOne({ _id: NAME })) ?? {}
}

/** Nothing is sealed with any but the first key. False: somebody has claimed one since. */
export async function forgetOlderKeys({ meta, seals: { kids } }: Store, { version }: KeysInUse): Promise<boolean> {
  const found = await meta.updateOne({ _id: NAME, version: version ?? 0 }, { $set: { kids: kids.slice(0, 1) } })
  return found.matchedCount === 1
}

export async function claimKeys({ meta, seals: { kids } }: Store): Promise<void> {
  const [first] = kids
  const found =
    first === undefined
      ? await meta.findOne({ _id: NAME })
      : await meta.findOneAndUpdate(
          { _id: NAME },
          { $addToSet: { kids: first }, $inc: { version: 1 } },
          { upsert: true, returnDocument: 'after' },
        )
  const missing = found?.kids?.filter((kid) => !kids.includes(kid)) ?? []
  if (missing.length === 0) return
  throw new StartError(
    `ISTHMUS_ENCRYPTION_KEYS lacks the key ${missing.join(', ')}, with which this database is sealed: ` +
      'add it to the file again, after the first if another is to seal from now on.',
  )
}
