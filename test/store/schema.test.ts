import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { MongoClient } from 'mongodb'
import { StartError } from '../../src/kernel/errors.ts'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import type { Migration } from '../../src/store/migrations/migration.ts'
import { prepareSchema } from '../../src/store/schema.ts'
import { mongodbUri, uniqueName } from '../support/services.ts'

let client: MongoClient
let store: Store

beforeEach(async () => {
  client = await connect(mongodbUri())
  store = openStore(client, uniqueName('schema'))
})

afterEach(async () => {
  await store.db.dropDatabase()
  await client.close()
})

const version = async (): Promise<number | undefined> => (await store.meta.findOne({ _id: 'schema' }))?.version

test('a fresh database begins with the present version and needs no migration', async () => {
  const step: Migration = { to: 2, title: 'never run', run: () => Promise.reject(new Error('run on a fresh database')) }
  await prepareSchema(store, [step])
  expect(await version()).toBe(2)
})

test('two gateways may prepare the same database at the same moment', async () => {
  await Promise.all([prepareSchema(store, []), prepareSchema(store, []), prepareSchema(store, [])])
  expect(await version()).toBe(1)
})

test('an index that takes longer to make than answers are waited for is waited for all the same', async () => {
  const k = Array.from({ length: 300 }, (_, n) => `key=${n}|${'x'.repeat(40)}`)
  const documents = Array.from({ length: 1_000 }, (_, n) => ({ tt: 'default/Basic', k: k.map((key) => `${key}${n}`) }))
  await store.resources.insertMany(documents as never)
  const impatient = await new MongoClient(mongodbUri(), { socketTimeoutMS: 500 }).connect()
  try {
    await prepareSchema(openStore(impatient, store.db.databaseName), [])
  } finally {
    await impatient.close()
  }
  expect((await store.resources.indexes()).map(({ name }) => name)).toContain('keys')
}, 60_000)

test('an older database is migrated step by step, and goes on where a killed start stopped', async () => {
  await prepareSchema(store, [])
  await store.rows.insertOne({ _id: 'a' } as never)
  const ran: string[] = []
  let killed = true
  const first: Migration = {
    to: 2,
    title: 'marks rows',
    async run({ rows }) {
      ran.push('first')
      await rows.updateMany({ hash: { $exists: false } }, { $set: { hash: 'none' } })
    },
  }
  const second: Migration = {
    to: 3,
    title: 'fails once',
    run() {
      ran.push('second')
      return killed ? Promise.reject(new Error('killed')) : Promise.resolve()
    },
  }
  await expect(prepareSchema(store, [first, second])).rejects.toThrow('killed')
  expect(await version()).toBe(2)
  killed = false
  await prepareSchema(store, [first, second])
  expect(ran).toEqual(['first', 'second', 'second'])
  expect(await version()).toBe(3)
  expect((await store.rows.findOne({ _id: 'a' }))?.hash).toBe('none')
})

test('a newer database is refused in one sentence', async () => {
  await store.meta.insertOne({ _id: 'schema', version: 99 })
  await expect(prepareSchema(store, [])).rejects.toThrow(StartError)
  await expect(prepareSchema(store, [])).rejects.toThrow(/has schema version 99, this release knows 1/)
})
