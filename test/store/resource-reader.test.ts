import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { everythingOf } from '../../src/access/permit.ts'
import type { Permit } from '../../src/access/permit.ts'
import type { ResourceReader } from '../../src/store/resource-reader.ts'
import type { Found, Page } from '../../src/store/search-reader.ts'
import { resourceReader } from '../../src/store/resource-reader.ts'
import { documentsOf, type FhirServer, startFhirServer } from '../support/fhir-server.ts'

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

test('reads of two tenants in one turn are one query and do not meet', async () => {
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
  expect(seen).toBe(1)
})

test('of one resource that several read in one turn, each sees what their own Permit shows', async () => {
  const of = (name: string): Permit => ({
    tenant: 'default',
    rules: [{ type: 'Patient', letters: 'r', name, where: [] }],
  })
  const seen = await queries(async () => {
    const found = await Promise.all([
      reader.read(of('Patient/b'), 'Patient', 'a'),
      reader.read(of('Patient/a'), 'Patient', 'a'),
      reader.read(north, 'Patient', 'a'),
      reader.read({ tenant: 'default', rules: [] }, 'Patient', 'a'),
      reader.read(here, 'Patient', 'a'),
    ])
    expect(found.map((stored) => stored?._id)).toEqual([
      ...[undefined, 'default/Patient/a', 'north/Patient/a', undefined, 'default/Patient/a'],
    ])
  })
  // One for each of the four who ask for the same, another for what may have been deleted
  expect(seen).toBeLessThanOrEqual(6)
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

test('searches for keys alone are one query of one index, and each gets what has its keys, under its Permit', async () => {
  for (const tenant of ['default', 'north']) {
    await server.put({ resourceType: 'Patient', id: 'k1', gender: 'female', active: true }, { tenant })
    await server.put({ resourceType: 'Patient', id: 'k2', gender: 'female', active: false }, { tenant })
    await server.put({ resourceType: 'Practitioner', id: 'k3', gender: 'female', active: true }, { tenant })
  }
  const page = { sort: { _id: 1 }, limit: 10, fields: [], few: true } as const
  const women = { tt: 'default/Patient', k: 'gender=*|female' }
  const tried = { $nor: [{ $nor: [{ k: { $in: ['active=*|true', 'active=*|none'] } }] }] }
  const start = new Date()
  const seen = await queries(async () => {
    const found = await Promise.all([
      search(here, { ...page, filter: women }),
      search(here, { ...page, filter: { $and: [women, tried] } }),
      search(here, { ...page, filter: women, limit: 1, fields: ['k'] }),
      search(here, {
        ...page,
        filter: { tt: 'default/Practitioner', k: { $in: ['gender=*|male', 'gender=*|female'] } },
      }),
      search(north, { ...page, filter: { ...women, tt: 'north/Patient' } }),
    ])
    const [k1, k2] = ['default/Patient/k1', 'default/Patient/k2']
    expect(found.map(idsOf)).toEqual([
      ...[[k1, k2], [k1], [k1], ['default/Practitioner/k3']],
      ['north/Patient/k1', 'north/Patient/k2'],
    ])
    expect(found[2]?.[0]?.k).toEqual(expect.arrayContaining(['gender=*|female', 'active=*|true']))
  })
  expect(seen).toBe(1)
  const profiled = await server.store.db.collection('system.profile').findOne({ ts: { $gte: start } })
  expect(profiled?.['planSummary']).toMatch(/^IXSCAN { tt: 1, k: 1, _id: 1 }(, IXSCAN { tt: 1, k: 1, _id: 1 })*$/)
})

test('a type of another tenant is never found by its keys, also beside a search of that tenant', async () => {
  const page = { sort: {}, limit: 10, fields: [], few: true } as const
  const filter = { tt: 'default/Patient', k: 'gender=*|female' }
  const [ours, theirs] = await Promise.all([search(here, { ...page, filter }), search(north, { ...page, filter })])
  expect(ours).toHaveLength(2)
  expect(theirs).toEqual([])
})

test('resources are looked up by id together, without those that were deleted', async () => {
  await server.put({ resourceType: 'Patient', id: 'gone' }, { deleted: true })
  const page = { sort: {}, limit: 10, fields: [], few: true } as const
  const of = (...ids: string[]) => ({
    ...page,
    filter: { deleted: false, tt: 'default/Patient', _id: { $in: ids.map((id) => `default/Patient/${id}`) } },
  })
  const seen = await queries(async () => {
    const found = await Promise.all([
      search(here, of('k1', 'gone')),
      search(here, of('k2', 'k1')),
      search(north, of('k1')),
    ])
    expect(found.map(idsOf)).toEqual([['default/Patient/k1'], ['default/Patient/k1', 'default/Patient/k2'], []])
  })
  expect(seen).toBe(1)
})

test('a search that more fit than one command holds takes nothing from those beside it', async () => {
  const many = Array.from({ length: 1_100 }, (_, n) => ({
    resourceType: 'Basic',
    id: `b${String(n).padStart(4, '0')}`,
  }))
  const code = (text: string) => ({ code: { coding: [{ code: text }] } })
  await server.store.resources.insertMany(many.map((each) => documentsOf({ ...each, ...code('common') }).document))
  await server.put({ resourceType: 'Basic', id: 'z', ...code('rare') })
  const of = (text: string, limit: number) =>
    search(here, {
      filter: { tt: 'default/Basic', k: `code=*|${text}` },
      sort: { _id: 1 },
      limit,
      fields: [],
      few: true,
    })
  const [some, all, rare] = await Promise.all([of('common', 3), of('common', 2_000), of('rare', 10)])
  expect(idsOf(some)).toEqual(['default/Basic/b0000', 'default/Basic/b0001', 'default/Basic/b0002'])
  expect([all.length, idsOf(rare)]).toEqual([1_100, ['default/Basic/z']])
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
