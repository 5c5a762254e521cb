import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { type Bundle, type FhirServer, startFhirServer } from '../../support/fhir-server.ts'
import { validationErrors } from '../../support/validate.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const patient = { resourceType: 'Patient', id: 'a' }
  await server.put({ ...patient, active: false }, { at: '2025-01-01T10:00:00.000Z' })
  await server.put({ ...patient, active: true }, { at: '2025-01-02T10:00:00.000Z' })
  await server.put(patient, { at: '2025-01-03T10:00:00.000Z', deleted: true })
  await server.put(patient, { at: '2025-01-04T10:00:00.000Z' })
  await server.put({ resourceType: 'Patient', id: 'b' }, { at: '2025-01-02T10:00:00.000Z' })
  // begins like the id of another: its versions are its own
  await server.put({ resourceType: 'Patient', id: 'a-1' }, { at: '2025-01-05T10:00:00.000Z' })
  const at = '2025-01-06T10:00:00.000Z'
  for (let number = 0; number < 7; number++)
    await server.put({ resourceType: 'Basic', id: `s${number}`, code: {} }, { at })
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: '1', name: 'North' })
  await server.put({ resourceType: 'Patient', id: 'a', active: false }, { tenant: 'north' })
})
afterAll(() => server.stop())

/** `Patient/a 2` of every entry. */
function versions({ entry = [] }: Bundle): string[] {
  return entry.map(
    ({ fullUrl, response }) => `${fullUrl?.replace(/.*R4\//, '') ?? ''} ${response?.etag.replace(/\D/g, '') ?? ''}`,
  )
}

test('the history of a resource is newest first and says what was done and what came of it', async () => {
  const { json } = await server.get('Patient/a/_history')
  expect(validationErrors(json as unknown as Resource)).toEqual([])
  expect(json).toMatchObject({ type: 'history', total: 4 })
  expect(json.entry).toMatchObject([
    { request: { method: 'PUT', url: 'Patient/a' }, response: { status: '200', etag: 'W/"4"' } },
    { request: { method: 'DELETE', url: 'Patient/a' }, response: { status: '204', etag: 'W/"3"' } },
    { request: { method: 'PUT', url: 'Patient/a' }, resource: { active: true, meta: { versionId: '2' } } },
    {
      request: { method: 'POST', url: 'Patient' },
      response: { status: '201', lastModified: '2025-01-01T10:00:00.000Z' },
    },
  ])
  expect(json.entry?.[1]).not.toHaveProperty('resource')
})

test('a type has the versions of its resources, everything has all, a tenant its own', async () => {
  expect(versions((await server.get('Patient/_history')).json)).toEqual([
    ...['Patient/a-1 1', 'Patient/a 4', 'Patient/a 3', 'Patient/b 1', 'Patient/a 2', 'Patient/a 1'],
  ])
  expect((await server.get('_history')).json.total).toBe(13)
  expect(versions((await server.get('/t/north/fhir/R4/_history')).json)).toEqual(['Patient/a 1'])
})

test.each([1, 2, 3, 5, 100])('pages of %i give every version once, in the order of one page', async (count) => {
  const whole = versions((await server.get('_history?_count=1000')).json)
  const pages = await server.pages(`_history?_count=${count}`)
  expect(pages.flatMap(versions)).toEqual(whole)
  expect(pages.map(({ total }) => total)).toEqual(pages.map(() => 13))
  expect(new Set(whole).size).toBe(13)
})

test.each([
  ['2025-01-03T10:00:00Z', ['Patient/a-1 1', 'Patient/a 4', 'Patient/a 3']],
  ['2025-01-03T15:30:00.001%2B05:30', ['Patient/a-1 1', 'Patient/a 4']],
  ['2025-01-05', ['Patient/a-1 1']],
  ['2026', []],
])('_since=%s includes that instant', async (since, expected) => {
  const { json } = await server.get(`Patient/_history?_since=${since}`)
  expect(versions(json)).toEqual(expected)
  expect(json.total).toBe(expected.length)
})

test.each([
  ['2025-01-01T12:00:00Z', ['Patient/a 1']],
  ['2025-01-02', ['Patient/a 2', 'Patient/a 1']],
  ['2025-01-02T10:00:00.000Z', ['Patient/a 2']],
  ['2025-01-03T09:00:00Z', ['Patient/a 2']],
  ['2025-01', ['Patient/a 4', 'Patient/a 3', 'Patient/a 2', 'Patient/a 1']],
  ['2026', ['Patient/a 4']],
  ['2024', []],
])('_at=%s has the versions that were current then', async (at, expected) => {
  const pages = await server.pages(`Patient/a/_history?_at=${at}&_count=1`)
  expect(pages.flatMap(versions)).toEqual(expected)
  expect(pages[0]?.link?.[0]?.url).toContain(`_at=${encodeURIComponent(at)}`)
  expect(pages[0]?.total).toBe(expected.length)
})

test.each(['2025-01-01T12:00:00Z', '2025-01-02', '2025-01', '2026', '2024', '2025-01-03T10:00:00Z'])(
  '_at=%s of a type, and of everything, has what it has of each resource',
  async (at) => {
    for (const path of ['Patient/_history', '_history']) {
      const whole = (await server.pages(`${path}?_count=1000`)).flatMap(versions)
      const names = [...new Set(whole.map((each) => each.replace(/ \d+$/, '')))]
      const each = await Promise.all(
        names.map(async (name) => (await server.pages(`${name}/_history?_at=${at}`)).flatMap(versions)),
      )
      const pages = await server.pages(`${path}?_at=${at}&_count=2`)
      expect(pages.flatMap(versions)).toEqual(whole.filter((version) => each.flat().includes(version)))
      expect(pages.map(({ total }) => total)).toEqual(pages.map(() => each.flat().length))
    }
  },
)

test('_at is refused where it is not a date', async () => {
  for (const path of ['Patient/a/_history?_at=then', 'Patient/_history?_at=', '_history?_at=2025-02-30'])
    expect((await server.get(path)).status).toBe(400)
})

test('_count=0 only counts', async () => {
  const { json } = await server.get('Patient/a/_history?_count=0')
  expect(json.total).toBe(4)
  expect(json.entry).toBeUndefined()
})

test('a page token that was changed, or of another history, is refused', async () => {
  const next = (await server.get('_history?_count=2')).json.link?.[1]?.url ?? ''
  const token = new URL(next).searchParams.get('_page') ?? ''
  for (const wrong of [
    next.replace(token, `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`),
    next.replace(token, ''),
    next.replace('/_history', '/Patient/_history'),
    `${next}&_since=2024`,
    next.replace('/fhir/R4', '/t/north/fhir/R4').replace(token, `${token}.x`),
  ]) {
    expect((await server.get(wrong)).status).toBe(400)
  }
})

test.each(['_history?_since=yesterday', 'Patient/_history?_count=x', '_history?_count=1&_count=1', '_history?_sort=x'])(
  '%s is refused',
  async (path) => {
    expect((await server.get(path)).status).toBe(400)
  },
)
