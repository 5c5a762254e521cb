/** A program that writes a document, whose database is its argument, and never ends the transaction. */
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { inTransaction } from '../../src/store/transaction.ts'
import { mongodbUri } from '../support/services.ts'

const [, , database = ''] = process.argv
const store = openStore(await connect(mongodbUri()), database)
await inTransaction(store.client.startSession(), async (session) => {
  await store.guards.insertOne({ _id: 'held', n: 1 }, { session })
  await store.guards.insertOne({ _id: 'begun', n: process.pid })
  await new Promise(() => setInterval(() => undefined, 1_000))
})
