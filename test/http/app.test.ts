import { connect as dial } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../support/fhir-server.ts'

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  await server.put({ resourceType: 'Patient', id: 'a', name: [{ family: 'Canary' }] })
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: '1', name: 'North' })
})
afterAll(() => server.stop())

test('the probes answer without FHIR', async () => {
  expect((await server.get('/health/live')).json).toEqual({ status: 'live' })
  expect(await server.get('/health/ready')).toMatchObject({ status: 200, json: { ready: true } })
  server.ready = false
  expect(await server.get('/health/ready')).toMatchObject({ status: 503, json: { ready: false } })
  server.ready = true
})

test('/metrics counts requests by interaction and status class', async () => {
  await server.get('Patient/a')
  await server.get('Patient?family=Canary')
  const { headers, text } = await server.get('/metrics')
  expect(headers.get('content-type')).toMatch(/^text\/plain/)
  expect(text).toMatch(/isthmus_request_seconds_count\{interaction="read",status="2xx"\} \d/)
  for (const name of ['projected_rows_total', 'projected_resources_total', 'projection_lag_seconds', 'problems']) {
    expect(text).toContain(`# TYPE isthmus_${name} `)
  }
  expect(text).not.toMatch(/canary/i)
})

test('every answer says that it is not to be kept or guessed at, and not what made it', async () => {
  for (const path of [
    'Patient/a',
    'Patient',
    'Patient/none',
    '/nowhere',
    '/health/live',
    '/health/ready',
    '/metrics',
  ]) {
    const { headers } = await server.get(path)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-powered-by')).toBeNull()
  }
})

test.each([
  '/',
  '/fhir',
  '/fhir/r4/metadata',
  '/fhir/R4x',
  '/FHIR/R4/Patient/a',
  '/favicon.ico',
  '/health',
  '/t/north',
])('there is nothing at %s', async (path) => {
  const answer = await server.get(path)
  expect(answer.status).toBe(404)
  expect(answer.json.issue).toMatchObject([{ severity: 'error', code: 'not-found' }])
})

test.each([
  ['GET', '/t/south/fhir/R4/metadata'],
  ['GET', '/t/south/fhir/R4/Patient/a'],
  ['GET', '/t/south/fhir/R4/Nonsense?x=%'],
  ['GET', '/t/south/anything'],
  ['GET', '/t/NORTH/fhir/R4/metadata'],
  ['PUT', '/t/south/fhir/R4/Patient/a'],
  ['POST', '/t/south/fhir/R4/Patient/_search'],
])('%s %s, of a tenant that is not there, is 404 in the bytes of any other', async (method, path) => {
  const body = method === 'POST' ? 'x'.repeat(100_000) : undefined
  const answer = await server.get(path, { method, headers: form, ...(body && { body }) })
  expect(answer.status).toBe(404)
  expect(answer.text).toBe((await server.get('/nowhere')).text)
})

test('the tenant default is at both of its addresses, and its links name one', async () => {
  const [short, long] = [await server.get('Patient'), await server.get('/t/default/fhir/R4/Patient')]
  expect(long.text).toBe(short.text)
  expect((await server.get('/t/north/fhir/R4/Patient')).json.link?.[0]?.url).toContain('/t/north/fhir/R4/Patient?')
})

test('a form belongs to POST; one that is too long or packed unknown is refused', async () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    server.get('Patient/_search?family=Canary', { method: 'POST', body, headers: { ...form, ...headers } })
  expect((await post('_id=a')).json.total).toBe(1)
  expect((await post('_id=b')).json.total).toBe(0)
  expect((await post('_id=a', { 'Content-Type': 'Application/X-WWW-Form-URLencoded; charset=UTF-8' })).json.total).toBe(
    1,
  )
  expect((await post('x'.repeat(70_000))).json.issue?.[0]?.code).toBe('too-costly')
  expect((await post('_id=a', { 'Content-Encoding': 'lzma' })).status).toBe(415)
  expect((await post('_id=a', { 'Content-Encoding': 'gzip' })).status).toBe(400)
})

test('a path that is no text is refused', async () => {
  expect((await server.get('Patient/%E0%A4%A')).status).toBe(400)
  expect((await server.get('/t/%/fhir/R4/metadata')).status).toBe(400)
})

test('HEAD is GET without the body, everywhere', async () => {
  for (const path of ['Patient/a', 'Patient', 'Patient/none', 'metadata', '/nowhere', '/health/live']) {
    const [head, get] = [await server.get(path, { method: 'HEAD' }), await server.get(path)]
    expect(head.status).toBe(get.status)
    expect(head.text).toBe('')
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'))
  }
})

test('what is no HTTP is answered, and the server goes on', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = dial(Number(new URL(server.origin).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
    let text = ''
    socket
      .on('data', (chunk) => (text += chunk.toString()))
      .on('close', () => resolve(text))
      .on('error', reject)
  })
  expect(answer).toMatch(/^HTTP\/1.1 400/)
  expect((await server.get('Patient/a')).status).toBe(200)
})

test('a request is one line of the log, without what it asked or got', async () => {
  server.log.length = 0
  await server.get('Patient?family=Canary&_sort=family')
  await server.get('Patient/Canary-1')
  await server.get('Canary/1')
  await server.get('Patient?Canary=1')
  await server.get('Patient/_search', { method: 'POST', body: 'family=Canary', headers: form })
  expect(server.log).toHaveLength(5)
  expect(JSON.parse(server.log[0] ?? '')).toEqual({
    level: 'info',
    time: expect.any(String),
    method: 'GET',
    interaction: 'search',
    status: 200,
    ms: expect.any(Number),
    msg: 'request',
  })
  expect(server.log.join('')).not.toMatch(/canary/i)
})
