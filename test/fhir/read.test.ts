import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from './fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  await server.put({ resourceType: 'Patient', id: 'a', active: false }, { at: '2025-01-01T10:00:00.500Z' })
  await server.put({ resourceType: 'Patient', id: 'a', active: true }, { at: '2025-01-02T10:00:00.500Z' })
  await server.put({ resourceType: 'Patient', id: 'gone' }, { at: '2025-01-03T10:00:00.000Z' })
  await server.put({ resourceType: 'Patient', id: 'gone' }, { at: '2025-01-04T10:00:00.000Z', deleted: true })
  await server.put({ resourceType: 'Observation', id: 'o' }, { at: '2025-01-05T10:00:00.000Z' })
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: '1', name: 'North' })
  await server.put({ resourceType: 'Patient', id: 'n' }, { tenant: 'north' })
})
afterAll(() => server.stop())

test('a read gives the stored bytes, the version and its time', async () => {
  const text = await server.put({ resourceType: 'Patient', id: 'bytes', name: [{ text: 'Zoë  Ω' }] })
  const answer = await server.get('Patient/bytes')
  expect(answer.status).toBe(200)
  expect(answer.text).toBe(text)
  const { headers } = await server.get('Patient/a')
  expect(headers.get('content-type')).toBe('application/fhir+json; charset=utf-8')
  expect(headers.get('etag')).toBe('W/"2"')
  expect(headers.get('last-modified')).toBe('Thu, 02 Jan 2025 10:00:00 GMT')
  expect(headers.get('x-powered-by')).toBeNull()
})

test('many reads at once each get their own resource', async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `many-${index}`)
  for (const id of ids) await server.put({ resourceType: 'Patient', id })
  const asked = [...ids, ...ids, 'missing']
  const answers = await Promise.all(asked.map((id) => server.get(`Patient/${id}`)))
  expect(answers.map(({ json }) => (json as { id?: string }).id)).toEqual([...ids, ...ids, undefined])
  expect(answers.at(-1)?.status).toBe(404)
})

test('what the client has already is not sent again', async () => {
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await server.get('Patient/a', { headers })).status
  expect(await status({ 'If-None-Match': 'W/"2"' })).toBe(304)
  expect(await status({ 'If-None-Match': '"1", "2"' })).toBe(304)
  expect(await status({ 'If-None-Match': 'W/"1"' })).toBe(200)
  expect(await status({ 'If-Modified-Since': 'Thu, 02 Jan 2025 10:00:00 GMT' })).toBe(304)
  expect(await status({ 'If-Modified-Since': 'Thu, 02 Jan 2025 09:59:59 GMT' })).toBe(200)
  expect(await status({ 'If-None-Match': 'W/"1"', 'If-Modified-Since': 'Thu, 02 Jan 2025 10:00:00 GMT' })).toBe(200)
})

test('HEAD says what GET says, without the body', async () => {
  const [head, get] = [await server.get('Patient/a', { method: 'HEAD' }), await server.get('Patient/a')]
  expect(head.text).toBe('')
  expect(head.status).toBe(200)
  expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(get.text)))
})

test.each([
  ['Patient/none', 404, 'not-found'],
  ['Patient/gone', 410, 'deleted'],
  ['Patient/gone/_history/2', 410, 'deleted'],
  ['Patient/a/_history/3', 404, 'not-found'],
  ['Patient/a/_history/1x', 404, 'not-found'],
  ['Patient/none/_history', 404, 'not-found'],
  ['Patient/a_b', 400, 'invalid'],
  ['Patient/..%2Fa', 400, 'invalid'],
  ['Patient/%', 400, 'invalid'],
  ['Nonsense/1', 404, 'not-found'],
  ['Patient/a/b', 404, 'not-found'],
  ['Patient/a?colour=red', 400, 'not-supported'],
  ['Patient/a?_format=xml', 406, 'not-supported'],
  ['/nowhere', 404, 'not-found'],
  ['/t/unknown/fhir/R4/metadata', 404, 'not-found'],
  ['/t/unknown/fhir/R4/Patient/a', 404, 'not-found'],
])('%s is answered %i %s with an OperationOutcome', async (path, status, code) => {
  const answer = await server.get(path)
  expect(answer.status).toBe(status)
  expect(answer.json.resourceType).toBe('OperationOutcome')
  expect(answer.json.issue?.[0]).toMatchObject({ severity: 'error', code })
})

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is refused and said what is possible', async (method) => {
  const answer = await server.get('Patient/a', { method })
  expect(answer.status).toBe(405)
  expect(answer.headers.get('allow')).toBe('GET, HEAD')
  expect(answer.json.resourceType).toBe('OperationOutcome')
})

test('only JSON is spoken', async () => {
  const status = async (accept: string): Promise<number> =>
    (await server.get('Patient/a', { headers: { accept } })).status
  expect(await status('application/fhir+json')).toBe(200)
  expect(await status('application/json')).toBe(200)
  expect(await status('text/html, */*;q=0.1')).toBe(200)
  expect(await status('application/fhir+xml')).toBe(406)
  expect(await status('application/fhir+json;q=0')).toBe(406)
  expect((await server.get('Patient/a?_format=application/fhir%2Bjson')).status).toBe(200)
})

test('_pretty indents and changes nothing else', async () => {
  const plain = await server.get('Patient/a')
  const pretty = await server.get('Patient/a?_pretty=true')
  expect(pretty.text).toContain('\n  "')
  expect(pretty.json).toEqual(plain.json)
})

test('a version is read by its number', async () => {
  const answer = await server.get('Patient/a/_history/1')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('etag')).toBe('W/"1"')
  expect(answer.json).toMatchObject({ active: false, meta: { versionId: '1' } })
})

test('history is newest first, with what was done; a deletion has no resource', async () => {
  const { json } = await server.get('Patient/gone/_history')
  expect(json.total).toBe(2)
  expect(json.entry).toMatchObject([
    { request: { method: 'DELETE', url: 'Patient/gone' }, response: { status: '204', etag: 'W/"2"' } },
    { request: { method: 'POST', url: 'Patient' }, response: { status: '201', etag: 'W/"1"' } },
  ])
  expect(json.entry?.[0]?.resource).toBeUndefined()
})

test('history of a type and of everything is paged to its end, and begins where _since says', async () => {
  const seen: string[] = []
  let url: string | undefined = '_history?_count=2&_since=2025-01-01'
  while (url !== undefined) {
    const { json } = await server.get(url)
    seen.push(
      ...(json.entry ?? []).map(({ fullUrl, response }) => `${fullUrl?.replace(/.*R4\//, '')} ${response?.etag}`),
    )
    url = json.link?.find(({ relation }) => relation === 'next')?.url
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toHaveLength(await server.store.versions.countDocuments({ t: 'default' }))
  expect(seen.slice(-5)).toEqual([
    'Observation/o W/"1"',
    'Patient/gone W/"2"',
    'Patient/gone W/"1"',
    'Patient/a W/"2"',
    'Patient/a W/"1"',
  ])
  const recent = await server.get('Observation/_history?_since=2025-01-06')
  expect(recent.json.total).toBe(0)
  expect(recent.json.entry).toBeUndefined()
})

test('nothing of one tenant is seen from another', async () => {
  const north = '/t/north/fhir/R4'
  expect((await server.get(`${north}/Patient/n`)).status).toBe(200)
  expect((await server.get(`${north}/Patient/a`)).status).toBe(404)
  expect((await server.get('Patient/n')).status).toBe(404)
  expect((await server.get(`${north}/Patient?_count=0`)).json.total).toBe(1)
  expect((await server.get(`${north}/_history`)).json.total).toBe(1)
  expect((await server.get('/t/default/fhir/R4/Patient/a')).text).toBe((await server.get('Patient/a')).text)
})
