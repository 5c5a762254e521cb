import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { everythingOf } from '../../src/access/permit.ts'
import type { ResourceReader } from '../../src/store/resource-reader.ts'
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
    expect(ours?.body).toContain('"text":"default"')
    expect(theirs?.body).toContain('"text":"north"')
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
  expect(await reader.count(north, {})).toBe(2)
  expect((await reader.versions(north, everything)).map(({ tt }) => tt)).toEqual(['north/Patient', 'north/Patient'])
  expect(await reader.countVersions(north, {})).toBe(2)
  expect(await reader.version(north, 'Patient', 'only-default', 1)).toBeUndefined()
  expect((await reader.version(north, 'Patient', 'only-north', 1))?.v).toBe(1)
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
