import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { MongoClient } from 'mongodb'
import { connect } from '../../src/store/connection.ts'
import { mongodbUri, uniqueName } from '../support/services.ts'

let client: MongoClient
beforeAll(async () => {
  client = await connect(mongodbUri())
})
afterAll(() => client.close())

test('transactions work on the embedded replica set', async () => {
  const things = client.db(uniqueName('connection')).collection('things')
  await client.withSession((session) =>
    session.withTransaction(async () => {
      await things.insertOne({ a: 1 }, { session })
    }),
  )
  expect(await things.countDocuments()).toBe(1)
  await things.drop()
})

test('an address where nothing answers is refused in one sentence', async () => {
  await expect(connect('mongodb://127.0.0.1:1/')).rejects.toThrow(/^MongoDB cannot be reached at MONGODB_URI/)
}, 20_000)
