/** A relay in a process of its own, for a test to kill: the database in its argument. It counts each version it is given. */
import { createLogger } from '../../src/kernel/logger.ts'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import type { Follower } from '../../src/store/outbox.ts'
import { Relay } from '../../src/workers/relay.ts'
import { mongodbUri } from '../support/services.ts'

export const countingFollower = (store: Store): Follower => ({
  name: 'counting',
  async follow(changes, session) {
    const updates = changes.map(({ id, v }) => {
      return { updateOne: { filter: { _id: `${id}/${v}` }, update: { $inc: { times: 1 } }, upsert: true } }
    })
    await store.db.collection<{ _id: string; times: number }>('followed').bulkWrite(updates, { session })
    return undefined
  },
})

if (import.meta.main) {
  const [, , database = ''] = process.argv
  const store = openStore(await connect(mongodbUri()), database)
  new Relay({ store, followers: [countingFollower(store)], log: createLogger('fatal') }).start()
}
