/** A moment is one: what is written after its first read is not there for its later ones, in this request or the next. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { everythingOf } from '../../src/access/permit.ts'
import type { Store } from '../../src/store/collections.ts'
import { MomentPassed } from '../../src/store/moment.ts'
import { resourceReader, type ResourceReader } from '../../src/store/resource-reader.ts'
import { documentsOf } from '../support/fhir-server.ts'
import { closeStore, openTestStore } from '../support/databases.ts'

let store: Store
let reader: ResourceReader
beforeAll(async () => {
  store = await openTestStore()
  reader = resourceReader(store)
})
afterAll(async () => {
  await closeStore(store)
})

const permit = everythingOf('default')
const filter = { tt: 'default/Patient', deleted: false }
const page = { filter, sort: { _id: 1 }, limit: 5_000, fields: [] } as const

async function put(id: string, gender: string): Promise<void> {
  const { document, version } = documentsOf({ resourceType: 'Patient', id, gender })
  await store.resources.replaceOne({ _id: document._id }, document, { upsert: true })
  await store.versions.replaceOne({ _id: version._id }, version, { upsert: true })
}

test('every kind of read sees the moment of the first, and so does one that is told the time', async () => {
  for (let index = 0; index < 300; index++) await put(`a${String(index).padStart(3, '0')}`, 'female')
  const range = ['gender=*|', 'gender=*}'] as const
  let time: string | undefined
  await reader.atMoment(undefined, async (then) => {
    expect(then.time()).toBeUndefined()
    const before = await then.find(permit, page)
    time = then.time()
    await put('a000', 'male')
    await put('b', 'male')
    await store.resources.deleteOne({ _id: 'default/Patient/a001' })
    expect(await then.find(permit, page)).toEqual(before)
  })
  expect(await reader.count(permit, { filter: filter, most: Infinity })).toBe(300)
  expect(await reader.keysWithin(permit, filter, [range], 9)).toHaveLength(2)
  await reader.atMoment(time, async (then) => {
    expect(await then.count(permit, { filter: filter, most: Infinity })).toBe(300)
    expect(await then.keysWithin(permit, filter, [range], 9)).toEqual(['gender=*|female'])
    expect(await then.identify(permit, { _id: 'default/Patient/b' }, 1)).toEqual([])
    expect(await then.countVersions(permit, {})).toBe(300)
    expect(await then.versions(permit, { filter: { _id: /Patient\/b/ }, sort: { _id: 1 }, limit: 1 })).toEqual([])
    expect(then.time()).toBe(time)
  })
})

test('reads that begin together read one moment', async () => {
  let done = false
  const writer = (async () => {
    for (let turn = 0; !done; turn++) await put('c', turn % 2 === 0 ? 'male' : 'female')
  })()
  try {
    for (let turn = 0; turn < 20; turn++) {
      await reader.atMoment(undefined, async (then) => {
        const found = await Promise.all(Array.from({ length: 5 }, () => then.find(permit, page)))
        expect(new Set(found.map((each) => JSON.stringify(each))).size).toBe(1)
      })
    }
  } finally {
    done = true
    await writer
  }
})

test('what a client was told is written, a moment that begins then sees', async () => {
  for (let turn = 0; turn < 50; turn++) {
    await put(`d${turn}`, 'other')
    const seen = await reader.atMoment(undefined, (then) =>
      then.count(permit, { filter: { _id: `default/Patient/d${turn}` }, most: Infinity }),
    )
    expect(seen).toBe(1)
  }
})

test('a moment of long ago has passed', async () => {
  const old = `${Math.floor(Date.now() / 1000) - 100_000}.1`
  await expect(reader.atMoment(old, (then) => then.count(permit, { filter: filter, most: Infinity }))).rejects.toThrow(
    MomentPassed,
  )
})
