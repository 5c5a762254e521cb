import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { everythingOf } from '../../src/access/permit.ts'
import type { Permit } from '../../src/access/permit.ts'
import type { ResourceReader } from '../../src/store/resource-reader.ts'
import type { Found, Page } from '../../src/store/search-reader.ts'
import { resourceReader } from '../../src/store/resource-reader.ts'
import { type FhirServer, startFhirServer } from '../support/fhir-server.ts'

const [here, north] = [everythingOf('default'), everythingOf('north')]
let server: FhirServer
let reader: ResourceReader
beforeAll(async () => {
  server = await startFhirServer()
  reader = resourceReader(server.store)
  for (const tenant of ['default', 'north']) {
    await server.put({ resourceType: 'Patient', id: 'a', name: [{ text: tenant }] }, { tenant })
    await server.put({ resourceType: 'Patient', id: `only-${tenant}` }, { tenant })
  }
})
afterAll(() => server.stop())

/** How many queries of a kind MongoDB had while something was done. */
async function queries(done: () => Promise<unknown>): Promise<number> {
  const { db, resources } = server.store
  await db.setProfilingLevel('all')
  const start = new Date()
  await done()
  await db.setProfilingLevel('off')
  return db.collection('system.profile').countDocuments({ ns: resources.namespace, op: 'query', ts: { $gte: start } })
}

async function commands(done: () => Promise<unknown>): Promise<number> {
  const { db, resources } = server.store
  await db.setProfilingLevel('all')
  const start = new Date()
  await done()
  await db.setProfilingLevel('off')
  const ours = { ns: resources.namespace, op: 'command', 'command.aggregate': 'resources', ts: { $gte: start } }
  return db.collection('system.profile').countDocuments(ours)
}

test('reads of one turn are one query, and each gets its own', async () => {
  const ids = ['a', 'only-default', 'a', 'none']
  const seen = await queries(async () => {
    const found = await Promise.all(ids.map((id) => reader.read(here, 'Patient', id)))
    expect(found.map((stored) => stored?._id)).toEqual([
      'default/Patient/a',
      'default/Patient/only-default',
      'default/Patient/a',
      undefined,
    ])
  })
  expect(seen).toBe(1)
})

test('reads of two tenants in one turn do not meet', async () => {
  const seen = await queries(async () => {
    const [ours, theirs, other] = await Promise.all([
      reader.read(here, 'Patient', 'a'),
      reader.read(north, 'Patient', 'a'),
      reader.read(here, 'Patient', 'only-north'),
    ])
    expect(ours?.body.toString()).toContain('"text":"default"')
    expect(theirs?.body.toString()).toContain('"text":"north"')
    expect(other).toBeUndefined()
  })
  expect(seen).toBe(2)
})

test('every way to read is held to its Permit, whatever is asked', async () => {
  const everything = { filter: {}, sort: { _id: 1 }, limit: 100, fields: [] } as const
  expect((await reader.find(north, everything)).map(({ _id }) => _id)).toEqual([
    'north/Patient/a',
    'north/Patient/only-north',
  ])
  expect(await reader.find(north, { ...everything, filter: { t: 'default' } })).toEqual([])
  expect(await reader.find(north, { ...everything, filter: { t: 'default' }, few: true })).toEqual([])
  expect(await reader.count(north, { filter: { tt: 'default/Patient' }, most: Infinity })).toBe(0)
  expect(await reader.count(north, { filter: {}, most: Infinity })).toBe(2)
  expect((await reader.versions(north, everything)).map(({ tt }) => tt)).toEqual(['north/Patient', 'north/Patient'])
  expect(await reader.countVersions(north, {})).toBe(2)
  expect(await reader.version(north, 'Patient', 'only-default', 1)).toBeUndefined()
  expect((await reader.version(north, 'Patient', 'only-north', 1))?.v).toBe(1)
})

/** A search of a request of its own. */
function search(permit: Permit, page: Page): Promise<Found[]> {
  return reader.atMoment(undefined, (there) => there.find(permit, page))
}

function idsOf(found: readonly Found[]): string[] {
  return found.map(({ _id }) => _id)
}

test('searches that few fit go out as one command, and each gets its own in its order', async () => {
  const page = { sort: { _id: -1 }, limit: 10, fields: [], few: true } as const
  const ids = { _id: { $in: ['default/Patient/a', 'default/Patient/only-default'] } }
  const seen = await commands(async () => {
    const [ours, theirs, none, count] = await Promise.all([
      search(here, { ...page, filter: ids }),
      search(north, { ...page, filter: {} }),
      search(north, { ...page, filter: ids }),
      reader.atMoment(undefined, (there) => there.count(here, { filter: {}, most: 1, few: true })),
    ])
    expect(idsOf(ours)).toEqual(['default/Patient/only-default', 'default/Patient/a'])
    expect(idsOf(theirs)).toEqual(['north/Patient/only-north', 'north/Patient/a'])
    expect(none).toEqual([])
    expect(count).toBe(1)
  })
  expect(seen).toBe(1)
})

test('what was found together was there at one moment, and what follows is read at it', async () => {
  const page = { filter: { _id: 'default/Patient/moving' }, sort: {}, limit: 1, fields: [], few: true } as const
  await server.put({ resourceType: 'Patient', id: 'moving' })
  const versions = await reader.atMoment(undefined, async (there) => {
    const before = await there.find(here, page)
    await server.put({ resourceType: 'Patient', id: 'moving', active: true })
    return [...before, ...(await there.find(here, page)), ...(await there.find(here, { ...page, few: false }))]
  })
  expect(versions.map(({ v }) => v)).toEqual([1, 1, 1])
  expect((await search(here, page)).map(({ v }) => v)).toEqual([2])
})

test('one search that fails takes no other with it', async () => {
  const page = { sort: {}, limit: 10, fields: [], few: true } as const
  const [good, bad] = await Promise.allSettled([
    search(here, { ...page, filter: { _id: 'default/Patient/a' } }),
    search(here, { ...page, filter: { $nonsense: 1 } }),
  ])
  expect(good).toMatchObject({ status: 'fulfilled', value: [{ _id: 'default/Patient/a' }] })
  expect(bad.status).toBe('rejected')
})

test('many more searches than one command takes are all answered', async () => {
  const page = { filter: { _id: 'default/Patient/a' }, sort: {}, limit: 1, fields: ['k'], few: true } as const
  const all = Array.from({ length: 150 }, () => search(here, page))
  expect((await Promise.all(all)).flat()).toHaveLength(150)
})

test('what cannot be read fails for all who asked, and the next turn begins anew', async () => {
  const closed = startFhirServer()
  const other = await closed
  const broken = resourceReader(other.store)
  await other.stop()
  const results = await Promise.allSettled([broken.read(here, 'Patient', 'a'), broken.read(here, 'Patient', 'b')])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(broken.read(here, 'Patient', 'a')).rejects.toThrow()
})
