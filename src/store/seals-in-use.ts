/**
 * Which keys something in this database may be sealed with. A gateway says so of its first key before it seals anything,
 * and does not start without one of the others: what they sealed could not be read.
 */
import { StartError } from '../kernel/errors.ts'
import type { Store } from './collections.ts'

const NAME = 'seals'

export async function claimKeys({ meta, seals: { kids } }: Store): Promise<void> {
  const [first] = kids
  const found =
    first === undefined
      ? await meta.findOne({ _id: NAME })
      : await meta.findOneAndUpdate(
          { _id: NAME },
          { $addToSet: { kids: first } },
          { upsert: true, returnDocument: 'after' },
        )
  const missing = found?.kids?.filter((kid) => !kids.includes(kid)) ?? []
  if (missing.length === 0) return
  throw new StartError(
    `ISTHMUS_ENCRYPTION_KEYS lacks the key ${missing.join(', ')}, with which this database is sealed: ` +
      'add it to the file again, after the first if another is to seal from now on.',
  )
}
