/** Search keys in a form that a release changed: they are made anew of what is stored. */
import type { Store } from '../collections.ts'
import { renewKeys } from '../renewed-keys.ts'

const BATCH = 500

export async function renewAllKeys(store: Store): Promise<void> {
  let after = ''
  for (;;) {
    const found = await store.resources
      .find({ _id: { $gt: after }, deleted: false }, { projection: { body: 1, v: 1 } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray()
    const last = found.at(-1)
    if (!last) return
    after = last._id
    await renewKeys(store, found)
  }
}
