/** Every limit over HTTP: what is asked beyond it is answered with an OperationOutcome, and the server goes on. */
import { request as ask } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { connect as dial } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../support/fhir-server.ts'

const KIB = 1024
const limits = {
  ...{ bodyBytes: 64 * KIB, formBytes: 2 * KIB, urlLength: 500, headerBytes: 4096 },
  ...{ bundleEntries: 3, pageSize: 5, searchValues: 4, included: 3, heavyAtOnce: 1, heavyWaiting: 0 },
}
let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ limits })
  await server.put({ resourceType: 'Patient', id: 'a', name: [{ family: 'A' }] })
  for (const id of '123456') {
    await server.put({ resourceType: 'Basic', id, code: { text: 'x' }, subject: { reference: 'Patient/a' } })
  }
})
afterAll(() => server.stop())

const basic = (text: string): string => JSON.stringify({ resourceType: 'Basic', code: { text } })
const large = basic('x'.repeat(65 * KIB))

interface Raw {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly text: string
  /** bytes that were sent before the answer was there */
  readonly sent: number
}

/** Sends as long as nothing is answered, up to `most` bytes. */
function pour(options: RequestOptions, chunk: Buffer, most: number): Promise<Raw> {
  return new Promise((resolve, reject) => {
    let sent = 0
    let answered = false
    const request = ask(`${server.origin}/fhir/R4/Basic`, { method: 'POST', ...options }, (response) => {
      answered = true
      const at = sent
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () => {
        request.destroy()
        resolve({ status: response.statusCode, headers: response.headers, text, sent: at })
      })
    })
    request.on('error', (error) => (answered ? undefined : reject(error)))
    const more = (): void => {
      if (answered || sent >= most) return
      sent += chunk.length
      request.write(chunk, () => setImmediate(more))
    }
    request.flushHeaders()
    if (options.headers && 'Expect' in options.headers) request.on('continue', more)
    else more()
  })
}

const json = { 'Content-Type': 'application/fhir+json' }
const issueOf = (text: string): unknown => (JSON.parse(text) as { issue: unknown[] }).issue[0]

test('a body that says it is too large is refused before it is read', async () => {
  const headers = { ...json, 'Content-Length': String(100 * KIB * KIB) }
  const answer = await pour({ headers }, Buffer.alloc(KIB, 32), 8 * KIB)
  expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } })
  expect(issueOf(answer.text)).toMatchObject({ severity: 'error', code: 'too-costly' })
  const waiting = await pour({ headers: { ...headers, Expect: '100-continue' } }, Buffer.alloc(KIB, 32), 8 * KIB)
  expect(waiting).toMatchObject({ status: 413, sent: 0 })
})

test('one that does not say so is refused while it is read', async () => {
  const chunked = { ...json, 'Transfer-Encoding': 'chunked' }
  const answer = await pour({ headers: chunked }, Buffer.alloc(8 * KIB, 32), 64 * KIB * KIB)
  expect(answer).toMatchObject({ status: 413 })
  expect(answer.sent).toBeLessThan(8 * KIB * KIB)
})

test('what is small is taken, expected or not', async () => {
  const body = Buffer.from(basic('small'))
  const headers = { ...json, 'Content-Length': String(body.length), Expect: '100-continue' }
  expect(await pour({ headers }, body, 1)).toMatchObject({ status: 201 })
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('%s is read, and counts as what it inflates to', async (encoding, pack) => {
  const post = (text: string) =>
    server.get('Basic', {
      method: 'POST',
      body: new Uint8Array(pack(Buffer.from(text))),
      headers: { ...json, 'Content-Encoding': encoding },
    })
  expect((await post(basic('packed'))).status).toBe(201)
  const bomb = await post(large)
  expect(bomb.status).toBe(413)
  expect(bomb.json.issue?.[0]?.code).toBe('too-costly')
})

test('what is packed otherwise than it says, ends early or is no UTF-8 is refused', async () => {
  const post = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    server.get('Basic', { method: 'POST', body, headers: { ...json, ...headers } })
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'latin1'))
  expect((await post(bytes('nonsense'), { 'Content-Encoding': 'gzip' })).status).toBe(400)
  expect(
    (await post(new Uint8Array(gzipSync(basic('cut')).subarray(0, 30)), { 'Content-Encoding': 'gzip' })).status,
  ).toBe(400)
  expect((await post(bytes('x'), { 'Content-Encoding': 'zstd' })).status).toBe(415)
  const wrong = await post(bytes(basic('caf\u00e9')), {})
  expect(wrong.status).toBe(400)
  expect(wrong.json.issue).toMatchObject([{ code: 'structure', diagnostics: 'The body is no UTF-8.' }])
  const marked = await post(new Uint8Array(Buffer.from(`\ufeff${basic('marked')}`)), {})
  expect(marked.status).toBe(201)
  expect(marked.text).not.toContain('\ufeff')
})

test('a form and an address may be so long', async () => {
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const search = (body: string) => server.get('Basic/_search', { method: 'POST', body, headers: form })
  expect((await search(`_id=${'1'.repeat(3 * KIB)}`)).status).toBe(413)
  const answer = await server.get(`Basic?_id=${'1'.repeat(600)}`)
  expect(answer.status).toBe(414)
  expect(answer.json.issue).toMatchObject([{ code: 'too-long', diagnostics: expect.stringContaining('_search') }])
})

test('headers may be so long', async () => {
  const answer = await server.get('Basic/1', { headers: { 'X-Long': 'x'.repeat(5000) } })
  expect(answer.status).toBe(431)
  expect(answer.json.issue).toMatchObject([{ code: 'too-long' }])
  expect((await server.get('Basic/1')).status).toBe(200)
})

test('what is no HTTP is answered in FHIR', async () => {
  const text = await new Promise<string>((resolve, reject) => {
    const socket = dial(Number(new URL(server.origin).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
    let all = ''
    socket
      .on('data', (chunk) => (all += chunk.toString()))
      .on('close', () => resolve(all))
      .on('error', reject)
  })
  expect(text).toMatch(/^HTTP\/1.1 400 .*OperationOutcome/s)
})

test('a bundle has so many entries, a search so many values, a page so many matches', async () => {
  const entry = { request: { method: 'GET', url: 'Basic/1' } }
  const batch = await server.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry: Array(4).fill(entry) })
  expect(batch.status).toBe(413)
  expect(batch.json.issue).toMatchObject([{ code: 'too-costly', expression: ['Bundle.entry'] }])
  expect((await server.get('Basic?_id=1,2,3,4')).status).toBe(200)
  expect((await server.get('Basic?_id=1,2,3,4,5')).status).toBe(413)
  const page = await server.get('Basic?_count=100')
  expect(page.json.entry).toHaveLength(5)
  expect(page.json.link?.[0]?.url).toContain('_count=5')
  const versions = await server.get('Basic/_history?_count=100')
  expect(versions.json.entry).toHaveLength(5)
})

test('a page brings so many included resources', async () => {
  const { status, json: outcome } = await server.get('Patient?_revinclude=Basic:subject')
  expect(status).toBe(413)
  expect(outcome.issue).toMatchObject([{ code: 'too-costly' }])
})

test('of heavy requests at once only so many are done, and none waits where none may', async () => {
  const heavy = (): Promise<{ status: number }> => server.get('Basic?_include=Basic:subject&_count=1')
  const answers = await Promise.all(Array.from({ length: 20 }, heavy))
  const busy = answers.filter(({ status }) => status === 429)
  expect(busy.length).toBeGreaterThan(0)
  expect(busy.length).toBeLessThan(20)
  expect(busy[0]).toMatchObject({ json: { issue: [{ code: 'throttled' }] } })
  expect((busy[0] as unknown as { headers: Headers }).headers.get('retry-after')).toBe('1')
  expect((await heavy()).status).toBe(200)
  const light = await Promise.all(Array.from({ length: 20 }, () => server.get('Basic/1')))
  expect(light.every(({ status }) => status === 200)).toBe(true)
})
