import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { MongoClient } from 'mongodb'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import {
  activateMappings,
  keepMappings,
  readActiveMappings,
  readMappingSet,
  readMappingSets,
} from '../../src/store/mapping-sets.ts'
import { mongodbUri, uniqueName } from '../support/services.ts'

let client: MongoClient
let store: Store

beforeEach(async () => {
  client = await connect(mongodbUri())
  store = openStore(client, uniqueName('sets'))
})

afterEach(async () => {
  await store.db.dropDatabase()
  await client.close()
})

async function activate(hash: string, folder = hash): Promise<void> {
  await keepMappings(store, { hash, files: [{ path: 'routing.yaml', text: hash }] })
  await activateMappings(store, hash, folder)
}

test('nothing is in force before the first', async () => {
  expect(await readActiveMappings(store)).toBeUndefined()
  await activate('a')
  const active = await readActiveMappings(store)
  expect(active).toMatchObject({ active: 'a', folder: 'a' })
  expect(active?.previous).toBeUndefined()
})

test('the one before is remembered, also after going back, and the same again changes nothing', async () => {
  await activate('a')
  await activate('b')
  expect(await readActiveMappings(store)).toMatchObject({ active: 'b', previous: 'a', folder: 'b' })
  await activate('b')
  expect(await readActiveMappings(store)).toMatchObject({ active: 'b', previous: 'a' })
  await activateMappings(store, 'a', 'b')
  expect(await readActiveMappings(store)).toMatchObject({ active: 'a', previous: 'b', folder: 'b' })
})

test('every set is kept with its files, the one that was activated last first', async () => {
  await activate('a')
  await activate('b')
  await activate('a')
  expect((await readMappingSets(store)).map(({ _id }) => _id)).toEqual(['a', 'b'])
  expect((await readMappingSet(store, 'b'))?.files).toEqual([{ path: 'routing.yaml', text: 'b' }])
  expect(await readMappingSet(store, 'c')).toBeUndefined()
})

test('two gateways that start at the same moment activate one set', async () => {
  await Promise.all([activate('a'), activate('a'), activate('a')])
  expect(await readActiveMappings(store)).toMatchObject({ active: 'a' })
  expect(await readMappingSets(store)).toHaveLength(1)
})
