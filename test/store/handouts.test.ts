import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { MongoClient } from 'mongodb'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { handOutDue } from '../../src/store/handouts.ts'
import type { OwedDocument } from '../../src/store/owed.ts'
import { owedId } from '../../src/store/owed.ts'
import { prepareSchema } from '../../src/store/schema.ts'
import { mongodbUri, uniqueName } from '../support/services.ts'

let client: MongoClient
let store: Store

beforeAll(async () => {
  client = await connect(mongodbUri())
  store = openStore(client, uniqueName('owed'))
  await prepareSchema(store)
})

afterAll(async () => {
  await store.db.dropDatabase()
  await client.close()
})

async function owe(t: string, count: number, due: Date): Promise<void> {
  const all = Array.from({ length: count }, (_, n): OwedDocument => {
    const what = { t, kind: 'appointment-reminders', about: `${t}/Appointment/${n}`, which: '120' }
    return { _id: owedId(what), ...what, due, at: due, state: 'owed', tries: 0 }
  })
  await store.owed.insertMany(all)
}

async function offered(limit: number): Promise<Record<string, number>> {
  const ids = (await handOutDue(store, limit)).flatMap(({ messages }) => messages)
  expect(new Set(ids).size).toBe(ids.length)
  const found = await store.owed.find({ _id: { $in: ids } }).toArray()
  return Object.fromEntries([...Map.groupBy(found, ({ t }) => t)].map(([t, each]) => [t, each.length]))
}

test('a flood of one tenant holds up no other: each has its share of what is offered, and nobody’s place stays empty (fault 51)', async () => {
  const ago = (seconds: number): Date => new Date(Date.now() - 1_000 * seconds)
  await owe('flood', 500, ago(60))
  expect(await offered(30)).toEqual({ flood: 30 })
  await owe('quiet', 12, ago(1))
  await owe('later', 3, new Date(Date.now() + 600_000))
  // Three tenants are owed something, a share is ten; the one that has nothing due yet leaves its own
  expect(await offered(30)).toEqual({ flood: 20, quiet: 10 })
  expect(await offered(30)).toEqual({ flood: 28, quiet: 2 })
  expect(await offered(1_000)).toEqual({ flood: 422 })
})
