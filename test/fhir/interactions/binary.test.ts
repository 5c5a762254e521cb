/** Binary in its own format and in FHIR's, over HTTP: files go in and out as streams. */
import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sweepFiles } from '../../../src/store/files.ts'
import { startFhirServer } from '../../support/fhir-server.ts'
import type { Answer, FhirServer } from '../../support/fhir-server.ts'

let server: FhirServer

beforeAll(async () => {
  server = await startFhirServer({ limits: { fileBytes: 4_000_000, bodyBytes: 2_000_000 } })
})
afterAll(() => server.stop())

const JSON_WANTED = { Accept: 'application/fhir+json' }

async function post(content: Buffer, type = 'application/pdf', headers: Record<string, string> = {}): Promise<Answer> {
  return server.get('Binary', {
    method: 'POST',
    headers: { 'Content-Type': type, ...headers },
    body: new Uint8Array(content),
  })
}

async function bytes(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ response: Response; content: Buffer }> {
  const response = await fetch(`${server.origin}/fhir/R4/${path}`, { headers })
  return { response, content: Buffer.from(await response.arrayBuffer()) }
}

function idOf({ json }: Answer): string {
  return (json as unknown as { id: string }).id
}

test('bytes go in as they are and come out the same, with their type', async () => {
  const content = randomBytes(1_500_000)
  const created = await post(content, 'application/pdf', { 'X-Security-Context': 'Patient/1' })
  expect(created.status).toBe(201)
  expect(created.json).toMatchObject({ contentType: 'application/pdf', securityContext: { reference: 'Patient/1' } })
  expect(created.text).not.toContain('"data"')
  const { response, content: read } = await bytes(`Binary/${idOf(created)}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/pdf')
  expect(response.headers.get('content-length')).toBe('1500000')
  expect(response.headers.get('etag')).toBe('W/"1"')
  expect(response.headers.get('content-security-policy')).toContain('sandbox')
  expect(read.equals(content)).toBe(true)
})

test('who asks for JSON is given the resource with its data', async () => {
  const content = randomBytes(300_000)
  const id = idOf(await post(content, 'image/png'))
  const { json } = await server.get(`Binary/${id}`, { headers: JSON_WANTED })
  const { data, ...rest } = json as unknown as { data: string }
  expect(rest).toMatchObject({ resourceType: 'Binary', id, contentType: 'image/png' })
  expect(Buffer.from(data, 'base64').equals(content)).toBe(true)
  const asked = await server.get(`Binary/${id}?_format=json`)
  expect((asked.json as unknown as { data: string }).data).toBe(data)
})

test('data in JSON is kept in a file when it is large, in the resource when it is small', async () => {
  for (const size of [10, 600_000]) {
    const data = randomBytes(size).toString('base64')
    const created = await server.send('POST', 'Binary', { resourceType: 'Binary', contentType: 'text/plain', data })
    expect(created.status).toBe(201)
    const stored = await server.store.resources.findOne({ _id: `default/Binary/${idOf(created)}` })
    expect(stored?.body.length).toBeLessThan(1000)
    const { content } = await bytes(`Binary/${idOf(created)}`)
    expect(content.toString('base64')).toBe(data)
    const { json } = await server.get(`Binary/${idOf(created)}`, { headers: JSON_WANTED })
    expect((json as unknown as { data: string }).data).toBe(data)
  }
})

test('each version has its bytes', async () => {
  const id = idOf(await post(Buffer.from('first'), 'text/plain'))
  const put = await server.get(`Binary/${id}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'text/plain', 'If-Match': 'W/"1"' },
    body: 'second',
  })
  expect(put.status).toBe(200)
  expect((await bytes(`Binary/${id}`)).content.toString()).toBe('second')
  expect((await bytes(`Binary/${id}/_history/1`)).content.toString()).toBe('first')
  const late = { method: 'PUT', headers: { 'Content-Type': 'text/plain', 'If-Match': 'W/"1"' }, body: 'third' }
  expect((await server.get(`Binary/${id}`, late)).status).toBe(412)
})

test('what a read without data gave is taken back and means the same file', async () => {
  const id = idOf(await post(Buffer.from('kept'), 'text/plain'))
  const [found] = (await server.get(`Binary?_id=${id}`)).json.entry ?? []
  const changed = { ...found?.resource, contentType: 'text/markdown' }
  expect((await server.send('PUT', `Binary/${id}`, changed)).status).toBe(200)
  const { response, content } = await bytes(`Binary/${id}`)
  expect([response.headers.get('content-type'), content.toString()]).toEqual(['text/markdown', 'kept'])
  const other = idOf(await post(Buffer.from('other'), 'text/plain'))
  const stolen = await server.send('PUT', `Binary/${other}`, { ...changed, id: other })
  expect([stolen.status, stolen.json.issue?.[0]?.expression]).toEqual([422, ['Binary.data']])
})

test.each([
  ['bytes=0-3', 206, 'bytes 0-3/10', '0123'],
  ['bytes=-2', 206, 'bytes 8-9/10', '89'],
  ['bytes=4-', 206, 'bytes 4-9/10', '456789'],
  ['bytes=2-99', 206, 'bytes 2-9/10', '23456789'],
  ['bytes=0-1,4-5', 200, null, '0123456789'],
  ['lines=1-2', 200, null, '0123456789'],
])('a part of a file: Range: %s', async (range, status, contentRange, text) => {
  const id = idOf(await post(Buffer.from('0123456789'), 'text/plain'))
  const { response, content } = await bytes(`Binary/${id}`, { Range: range })
  expect([response.status, response.headers.get('content-range'), content.toString()]).toEqual([
    status,
    contentRange,
    text,
  ])
})

test('a part after the end is 416, and of another version all is sent', async () => {
  const id = idOf(await post(Buffer.from('0123456789'), 'text/plain'))
  const after = await server.get(`Binary/${id}`, { headers: { Range: 'bytes=10-' } })
  expect([after.status, after.headers.get('content-range')]).toEqual([416, 'bytes */10'])
  expect(after.json.resourceType).toBe('OperationOutcome')
  const same = await bytes(`Binary/${id}`, { Range: 'bytes=0-0', 'If-Range': 'W/"1"' })
  expect(same.content.toString()).toBe('0')
  const other = await bytes(`Binary/${id}`, { Range: 'bytes=0-0', 'If-Range': 'W/"7"' })
  expect([other.response.status, other.content.length]).toEqual([200, 10])
  const known = await bytes(`Binary/${id}`, { 'If-None-Match': 'W/"1"' })
  expect(known.response.status).toBe(304)
  const head = await fetch(`${server.origin}/fhir/R4/Binary/${id}`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '10'])
})

test('a file that is too long is 413, and nothing is left of it', async () => {
  await sweepFiles(server.store, new Date(Date.now() + 1000))
  const refused = await post(randomBytes(4_000_001))
  expect([refused.status, refused.json.issue?.[0]?.code]).toEqual([413, 'too-costly'])
  expect(await sweepFiles(server.store, new Date(Date.now() + 1000))).toBe(1)
  expect(await server.store.db.collection('files.chunks').countDocuments({ files_id: { $in: await marks() } })).toBe(0)
})

async function marks(): Promise<string[]> {
  return (await server.store.uploads.find().toArray()).map(({ _id }) => _id)
}

test('a file that no version names is swept, one that is named stays', async () => {
  const content = randomBytes(5000)
  const id = idOf(await post(content))
  await server.store.uploads.insertOne(await markOf(id))
  const condition = { 'If-None-Exist': `_id=${id}` }
  expect((await post(content, 'application/pdf', condition)).status).toBe(200)
  expect(await sweepFiles(server.store, new Date(0))).toBe(0)
  const before = await server.store.db.collection('files.files').countDocuments()
  expect(await sweepFiles(server.store, new Date(Date.now() + 1000))).toBe(1)
  expect(await server.store.db.collection('files.files').countDocuments()).toBe(before - 1)
  expect((await bytes(`Binary/${id}`)).content.equals(content)).toBe(true)
})

/** As if the program had ended between the commit and taking the mark away. */
async function markOf(id: string): Promise<{ _id: string; t: string; resource: string; at: Date }> {
  const file = await server.store.db
    .collection<{ _id: string }>('files.files')
    .findOne({ filename: `default/Binary/${id}` })
  return { _id: file?._id ?? '', t: 'default', resource: `Binary/${id}`, at: new Date() }
}

test('a client that goes away in the middle leaves no Binary', async () => {
  const before = await server.store.versions.countDocuments({ tt: 'default/Binary' })
  await new Promise<void>((resolve) => {
    const { port } = new URL(server.origin)
    const headers = { 'Content-Type': 'application/pdf', 'Content-Length': '1000000' }
    const sending = httpRequest({ port, host: '127.0.0.1', path: '/fhir/R4/Binary', method: 'POST', headers })
    sending.on('error', () => resolve())
    sending.write(randomBytes(300_000), () => setTimeout(() => sending.destroy(), 100))
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await server.store.versions.countDocuments({ tt: 'default/Binary' })).toBe(before)
})

test('a batch holds Binaries in JSON', async () => {
  const content = randomBytes(400_000)
  const id = idOf(await post(content))
  const entry = [{ request: { method: 'GET', url: `Binary/${id}` } }]
  const { json } = await server.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry })
  expect((json.entry?.[0]?.resource as unknown as { data: string }).data).toBe(content.toString('base64'))
})

test('a transaction puts large data into files as well', async () => {
  const data = randomBytes(500_000).toString('base64')
  const resource = { resourceType: 'Binary', contentType: 'text/plain', data }
  const entry = [
    { fullUrl: 'urn:uuid:8f2f0a83-7a4e-4f0e-b8f8-2b1a7f3c8a11', resource, request: { method: 'POST', url: 'Binary' } },
  ]
  const { json } = await server.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
  const location = json.entry?.[0]?.response?.location ?? ''
  expect(hashOf((await bytes(/Binary\/[^/]+/.exec(location)?.[0] ?? '')).content)).toBe(
    hashOf(Buffer.from(data, 'base64')),
  )
})

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

test('types that are not taken are refused, and what has no type', async () => {
  const strict = await startFhirServer({ fileTypes: ['image/*', 'application/pdf'] })
  const send = (type: string): Promise<Answer> =>
    strict.get('Binary', { method: 'POST', headers: { 'Content-Type': type }, body: 'x' })
  expect((await send('image/png')).status).toBe(201)
  expect((await send('application/pdf; version=1')).status).toBe(201)
  expect((await send('text/html')).status).toBe(415)
  const json = await strict.send('POST', 'Binary', { resourceType: 'Binary', contentType: 'text/html', data: 'eA==' })
  expect([json.status, json.json.issue?.[0]?.expression]).toEqual([415, ['Binary.contentType']])
  await strict.stop()
})
