import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { packingFor } from '../../src/http/packing.ts'
import { send } from '../../src/http/send.ts'

const large = Buffer.from(JSON.stringify({ text: 'ä'.repeat(50_000) }))
const small = Buffer.from('{"name":"محمد"}')

const server = createServer((asked, response) => {
  const body = asked.url === '/large' ? large : asked.url === '/text' ? large.toString() : small
  send(asked, response, { status: 200, headers: { ETag: 'W/"3"' }, body })
})

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))

interface Seen {
  readonly headers: IncomingMessage['headers']
  readonly bytes: Buffer
}

function ask(path: string, encoding?: string, method = 'GET'): Promise<Seen> {
  const { port } = server.address() as AddressInfo
  const headers = encoding === undefined ? {} : { 'Accept-Encoding': encoding }
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => resolve({ headers: answer.headers, bytes: Buffer.concat(chunks) }))
    })
    sent.on('error', reject).end()
  })
}

test.each(['/large', '/text'])('a large answer (%s) is packed as the client accepts it', async (path) => {
  const brotli = await ask(path, 'gzip, deflate, br')
  expect(brotli.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding', etag: 'W/"3"' })
  expect(brotliDecompressSync(brotli.bytes)).toEqual(large)
  const gzipped = await ask(path, 'gzip')
  expect(gzipped.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(gzipped.bytes.length) })
  expect(gunzipSync(gzipped.bytes)).toEqual(large)
})

test('who accepts no packing is sent the bytes themselves, and told that others may see them packed', async () => {
  const { headers, bytes } = await ask('/large')
  expect(headers).toMatchObject({ vary: 'Accept-Encoding', 'content-length': String(large.length) })
  expect(headers).not.toHaveProperty('content-encoding')
  expect(bytes).toEqual(large)
})

test('HEAD has the headers of GET', async () => {
  const { date: _now, ...expected } = (await ask('/large', 'gzip')).headers
  const { headers, bytes } = await ask('/large', 'gzip', 'HEAD')
  expect(headers).toMatchObject(expected)
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding', etag: 'W/"3"' })
  expect(bytes).toHaveLength(0)
})

test('a small answer is sent as it is', async () => {
  const { headers, bytes } = await ask('/small', 'br, gzip')
  expect(headers).not.toHaveProperty('content-encoding')
  expect(headers).toMatchObject({ 'content-length': String(small.length) })
  expect(bytes).toEqual(small)
})

test('what is refused with q=0 is not taken', () => {
  expect(packingFor('br;q=0, gzip;q=0.5')).toBe('gzip')
  expect(packingFor('br; q=0.0,deflate')).toBeUndefined()
  expect(packingFor(undefined)).toBeUndefined()
})
