import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Decimal128, Double, Long, ObjectId } from 'bson'
import fc from 'fast-check'
import type { MongoClient } from 'mongodb'
import type { Row } from '../../src/mapping/lens.ts'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { hashRow } from '../../src/store/source-rows.ts'
import { newRow, noRow, updatedRow, withoutItems, writeRows } from '../../src/store/source-writer.ts'
import type { PlannedRow, RowPlace } from '../../src/store/source-writer.ts'
import { mongodbUri, uniqueName } from '../support/services.ts'

let client: MongoClient
let store: Store
const database = uniqueName('writer')
beforeAll(async () => {
  client = await connect(mongodbUri())
  store = openStore(client, database)
})
afterAll(async () => {
  await client.db(database).dropDatabase()
  await client.close()
})

const value: fc.Memo<unknown> = fc.memo((depth) =>
  depth <= 1 ? leaf : fc.oneof(leaf, fc.array(value(depth - 1), { maxLength: 3 }), record(depth - 1)),
)
const leaf = fc.oneof(
  fc.constantFrom(null, true, '', 'text', 'ä', 0, 5, 1.5, 2 ** 40),
  fc.constantFrom(new Double(7), Long.fromString('9007199254740993'), Decimal128.fromString('1.50'), new Date(5)),
)
const name = fc.constantFrom('a', 'b', 'c', 'B', 'é', 'aa', 'z.z', '$x', '')
const record = (depth: number) =>
  fc.dictionary(fc.oneof(name, fc.constantFrom('m', 'n')), value(depth), { maxKeys: 3, noNullPrototype: true })
const row = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'B', 'é', 'aa', 'zz'), value(3), {
  maxKeys: 5,
  noNullPrototype: true,
})

async function stored({ _id }: RowPlace): Promise<Row> {
  return (await client
    .db(database)
    .collection('rows')
    .findOne({ _id: _id as ObjectId })) as Row
}

async function write(planned: PlannedRow | undefined): Promise<void> {
  if (!planned) return
  await client.withSession((session) => session.withTransaction(() => writeRows(store, [planned.write], session)))
}

test('a row is planned as it will be read', async () => {
  await client.db(database).createCollection('rows')
  await fc.assert(
    fc.asyncProperty(row, row, async (first, changed) => {
      const place = { database, collection: 'rows', _id: new ObjectId() }
      const made = newRow(place, first)
      await write(made)
      const before = await stored(place)
      expect(hashRow(made.row as Row)).toBe(hashRow(before))
      const planned = updatedRow(place, before, { ...before, ...changed })
      await write(planned)
      expect(hashRow(planned?.row ?? before)).toBe(hashRow(await stored(place)))
    }),
    { numRuns: 60 },
  )
})

test('items that go leave the others as they are', async () => {
  const place = { database, collection: 'rows', _id: new ObjectId() }
  await write(newRow(place, { list: ['a', new Double(2), { c: 1 }, 'd'], x: 1 }))
  const planned = withoutItems(place, await stored(place), 'list', [0, 2])
  await write(planned)
  expect(hashRow(planned.row as Row)).toBe(hashRow(await stored(place)))
  expect(await stored(place)).toMatchObject({ list: [2, 'd'], x: 1 })
  await write(noRow(place))
  expect(await stored(place)).toBeNull()
  await expect(write(updatedRow(place, { x: 1 }, { x: 2 }))).rejects.toThrow('went away')
})
