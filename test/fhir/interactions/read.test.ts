import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { decimal } from '../../../src/r4/json.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

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
  const weight = { value: decimal('37.10'), unit: 'kg' }
  await server.put({ resourceType: 'Observation', id: 'exact', valueQuantity: weight })
  for (const path of ['Observation/exact', 'Observation/exact/_history/1', 'Observation?_id=exact', '_history']) {
    expect((await server.get(path)).text).toContain('{"value":37.10,"unit":"kg"}')
  }
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
  [`Patient/${'x'.repeat(65)}`, 400, 'invalid'],
  ['Resource/a', 404, 'not-found'],
  ['constructor/a', 404, 'not-found'],
  ['Patient/a/_history/1/more', 404, 'not-found'],
  ['Patient/a/_history/00000000001', 404, 'not-found'],

  ['/nowhere', 404, 'not-found'],
  ['/t/unknown/fhir/R4/metadata', 404, 'not-found'],
  ['/t/unknown/fhir/R4/Patient/a', 404, 'not-found'],
])('%s is answered %i %s with an OperationOutcome', async (path, status, code) => {
  const answer = await server.get(path)
  expect(answer.status).toBe(status)
  expect(answer.json.resourceType).toBe('OperationOutcome')
  expect(answer.json.issue?.[0]).toMatchObject({ severity: 'error', code })
})

test.each([
  ['POST', 'Patient/a', 'GET, HEAD, PUT, PATCH, DELETE'],
  ['DELETE', 'Patient/_history', 'GET, HEAD'],
  ['PUT', 'metadata', 'GET, HEAD'],
  ['DELETE', '', 'GET, HEAD, POST'],
])('%s %s is refused and said what is possible', async (method, path, allow) => {
  const answer = await server.get(path, { method })
  expect(answer.status).toBe(405)
  expect(answer.headers.get('allow')).toBe(allow)
  expect(answer.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'not-supported' }] })
})

test('an id of another tenant, a version of it and one that never was are answered in the same bytes', async () => {
  const never = await server.get('Patient/never')
  expect((await server.get('Patient/n')).text).toBe(never.text)
  expect((await server.get('Patient/n/_history')).text).toBe(never.text)
  expect((await server.get('Patient/n/_history/1')).text).toBe(never.text)
  expect([...(await server.get('Patient/n')).headers.keys()]).toEqual([...never.headers.keys()])
})

test('an unknown parameter is refused, or left alone when handling is lenient', async () => {
  for (const path of ['Patient/a?x=1', 'Patient/a/_history/1?x=1', 'Patient/a/_history?x=1', 'metadata?x=1']) {
    expect((await server.get(path)).status).toBe(400)
    expect((await server.get(path, { headers: { Prefer: 'return=minimal, handling=lenient' } })).status).toBe(200)
  }
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
  await server.put({ resourceType: 'Observation', id: 'digits', valueQuantity: { value: decimal('1.00') } })
  expect((await server.get('Observation/digits?_pretty=true')).text).toContain('"value": 1.00\n')
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

test('nothing of one tenant is seen from another', async () => {
  const north = '/t/north/fhir/R4'
  expect((await server.get(`${north}/Patient/n`)).status).toBe(200)
  expect((await server.get(`${north}/Patient/a`)).status).toBe(404)
  expect((await server.get('Patient/n')).status).toBe(404)
  expect((await server.get(`${north}/Patient?_count=0`)).json.total).toBe(1)
  expect((await server.get('/t/default/fhir/R4/Patient/a')).text).toBe((await server.get('Patient/a')).text)
})
