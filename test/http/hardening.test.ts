/**
 * What every route keeps to: headers, host names, HTTP that can be read in one way only, and how much one asker may ask.
 * Over raw sockets where no client would send such a thing.
 */
import { existsSync, readFileSync } from 'node:fs'
import { request as ask } from 'node:http'
import { connect as dial } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { admissionFor } from '../../src/cli/admission.ts'
import type { Admission } from '../../src/http/admission.ts'
import { listen } from '../../src/http/server.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import { connectRedis } from '../../src/queue/connection.ts'
import { redisUrl } from '../support/services.ts'
import { launched, startSmartServer } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

const proxies = ['127.0.0.1']
const few = { ...defaultLimits, requestsPerAddress: 5, requestsPerClient: 3, connectionsPerAddress: 40 }

let server: SmartServer
let redis: Redis
let port: number
let admission: (Admission & { stop(): Promise<void> }) | undefined

beforeAll(async () => {
  server = await startSmartServer({ limits: few, admission: () => admission })
  await server.put({ resourceType: 'Patient', id: 'a' })
  redis = await connectRedis(redisUrl())
  port = Number(new URL(server.origin).port)
  admission = admitting(redis)
})

afterAll(async () => {
  await admission?.stop()
  await redis.quit()
  await server.stop()
})

function admitting(to: Redis, limits = few) {
  const { databaseName } = server.store.db
  const config = { host: '127.0.0.1', trustedProxies: proxies, limits, database: databaseName }
  return admissionFor(config, to, { origin: server.origin, port })
}

/** What comes back for these bytes, until the connection ends or an answer is whole. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = ''
    const socket: Socket = dial(port, '127.0.0.1', () => socket.write(text, 'latin1'))
    const end = (): void => {
      socket.destroy()
      resolve(all)
    }
    socket.on('data', (chunk) => {
      all += chunk.toString()
      if (all.includes('\r\n\r\n') && /\}$|Content-Length: 0/.test(all)) end()
    })
    socket.on('close', end).on('error', reject).setTimeout(5_000, end)
  })
}

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status))

interface Asked {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** fetch would not let a request say another host. */
function sent({ path = '/fhir/R4/metadata', method = 'GET', headers = {} }: Asked = {}) {
  return new Promise<{ status: number; headers: Readonly<Record<string, unknown>>; text: string }>(
    (resolve, reject) => {
      const request = ask({ port, host: '127.0.0.1', path, method, headers, agent: false }, (response) => {
        let text = ''
        response.on('data', (part: Buffer) => (text += part.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      })
      request.on('error', reject).end()
    },
  )
}

const from = (address: string, path = '/fhir/R4/metadata') =>
  sent({ path, headers: { Host: `127.0.0.1:${port}`, 'X-Forwarded-For': address } })

test.each([
  ...['/fhir/R4/metadata', '/fhir/R4/Patient/a', '/fhir/R4/Nothing', '/t/nobody/fhir/R4/Patient', '/', '/none', '/%zz'],
  ...['/fhir/R4/.well-known/smart-configuration', '/.well-known/openid-configuration', '/.well-known/none'],
  ...['/health/live', '/health/ready', '/metrics', '/oauth/jwks', '/oauth/apps', '/oauth/authorize', '/oauth/none'],
  ...['/oauth/brands/default', '/oauth/interaction/none', '/oauth/invitation/none', '/oauth/token'],
])('%s says how its answer is to be handled, once, and not by what it is made', async (path) => {
  const { headers, rawHeaders } = await new Promise<{ headers: Record<string, unknown>; rawHeaders: string[] }>(
    (resolve, reject) => {
      const request = ask({ port, path, agent: false }, (response) => {
        response.resume()
        resolve({ headers: response.headers, rawHeaders: response.rawHeaders })
      })
      request.on('error', reject).end()
    },
  )
  expect(headers).toMatchObject({
    ...{ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' },
    'content-security-policy': expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
  })
  for (const name of ['server', 'x-powered-by', 'access-control-allow-credentials', 'strict-transport-security']) {
    expect(headers).not.toHaveProperty(name)
  }
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  expect(names.filter((name) => name !== 'set-cookie')).toEqual(
    [...new Set(names)].filter((name) => name !== 'set-cookie'),
  )
})

test.each([
  ['of somebody else', 'evil.example'],
  ['that begins with ours', '127.0.0.1.evil.example'],
  ['at another port', '127.0.0.1:1'],
  ['that is none', '@'],
])('a host %s is not answered to, on any route', async (_, host) => {
  for (const path of ['/fhir/R4/metadata', '/oauth/jwks', '/.well-known/smart-configuration', '/t/x/fhir/R4/Patient']) {
    const { status, text } = await sent({ path, headers: { Host: host } })
    expect([status, text.includes('evil')]).toEqual([421, false])
  }
})

test('it answers to its names on this machine, to probes by any, and to what a trusted proxy was asked', async () => {
  expect((await sent({ headers: { Host: `LocalHost:${port}` } })).status).toBe(200)
  expect((await sent({ path: '/health/live', headers: { Host: '10.0.0.5:8080' } })).status).toBe(200)
  for (const here of ['localhost', '[::1]'])
    expect((await sent({ headers: { Host: `${here}:${port}` } })).status).toBe(200)
  const forwarded = { Host: 'isthmus:8080', 'X-Forwarded-Host': `127.0.0.1:${port}` }
  expect((await sent({ headers: forwarded })).status).toBe(200)
  expect((await sent({ headers: { ...forwarded, 'X-Forwarded-Host': 'evil.example' } })).status).toBe(421)
  const trusting = { trustedProxies: ['192.0.2.1'], host: '127.0.0.1', limits: few, database: 'none' }
  const other = admissionFor(trusting, redis, { origin: server.origin, port })
  const request = { url: '/', rawHeaders: [], headers: { host: 'x', 'x-forwarded-host': `127.0.0.1:${port}` } }
  expect(other.request({ ...request, socket: { remoteAddress: '127.0.0.1' } } as never)?.status).toBe(421)
  await other.stop()
})

const HOST = () => `Host: 127.0.0.1:${port}\r\n`
const BODY = 'GET /fhir/R4/metadata HTTP/1.1\r\nHost: x\r\n\r\n'

test.each([
  ['two lengths', () => `POST /oauth/token HTTP/1.1\r\n${HOST()}Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello`],
  ['a list of lengths', () => `POST /oauth/token HTTP/1.1\r\n${HOST()}Content-Length: 5, 5\r\n\r\nhello`],
  ['a length that is no number', () => `POST /oauth/token HTTP/1.1\r\n${HOST()}Content-Length: +5\r\n\r\nhello`],
  [
    'a length beside chunks',
    () =>
      `POST /oauth/token HTTP/1.1\r\n${HOST()}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${BODY}`,
  ],
  [
    'chunks that are not last',
    () => `POST /oauth/token HTTP/1.1\r\n${HOST()}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${BODY}`,
  ],
  [
    'a chunk whose size is no number',
    () => `POST /oauth/token HTTP/1.1\r\n${HOST()}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n`,
  ],
  ['a header over two lines', () => `GET /fhir/R4/metadata HTTP/1.1\r\n${HOST()}X-A: b\r\n c: d\r\n\r\n`],
  ['a space before a colon', () => `GET /fhir/R4/metadata HTTP/1.1\r\n${HOST()}Content-Length : 5\r\n\r\nhello`],
  ['line ends without a return', () => `GET /fhir/R4/metadata HTTP/1.1\nHost: 127.0.0.1:${port}\n\n`],
  ['a return within a header', () => `GET /fhir/R4/metadata HTTP/1.1\r\n${HOST()}X-A: b\rContent-Length: 5\r\n\r\n`],
  ['a null within a header', () => `GET /fhir/R4/metadata HTTP/1.1\r\n${HOST()}X-A: b\0c\r\n\r\n`],
  ['no host', () => 'GET /fhir/R4/metadata HTTP/1.1\r\n\r\n'],
  ['two hosts', () => `GET /fhir/R4/metadata HTTP/1.1\r\n${HOST()}Host: evil.example\r\n\r\n`],
  ['a whole URL', () => `GET http://evil.example/fhir/R4/metadata HTTP/1.1\r\n${HOST()}\r\n`],
  ['a star', () => `OPTIONS * HTTP/1.1\r\n${HOST()}\r\n`],
  ['an unknown version', () => `GET /fhir/R4/metadata HTTP/3.1\r\n${HOST()}\r\n`],
])('a request with %s is refused, and nothing after it is read as another', async (_, text) => {
  const answer = await raw(text())
  expect(statusesOf(answer)).toEqual([400])
  expect(answer).toContain("Content-Security-Policy: default-src 'none'")
})

test.each(['TRACE /fhir/R4/metadata', 'CONNECT fhir.example:443'])('%s is refused', async (start) => {
  expect(statusesOf(await raw(`${start} HTTP/1.1\r\n${HOST()}\r\n`))).toEqual([405])
})

test('a method is the one of the request line, whatever a header or parameter says', async () => {
  const headers = { 'X-HTTP-Method-Override': 'DELETE', 'X-HTTP-Method': 'DELETE', 'X-Method-Override': 'DELETE' }
  const open = await server.client({ kind: 'public' })
  const { json } = await launched(server, {
    client: open.client._id,
    account: await server.account(),
    scope: 'user/*.cruds',
  })
  const Authorization = `Bearer ${String(json['access_token'])}`
  const { status } = await sent({ path: '/fhir/R4/Patient/a?_method=DELETE', headers: { ...headers, Authorization } })
  expect([status, await server.methods('Patient/a')]).toEqual([400, ['POST']])
})

test('who asks too often from one address waits, is told how long, and others do not', async () => {
  const statuses: number[] = []
  for (let turn = 0; turn < 6; turn++) statuses.push((await from('203.0.113.7')).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  const { headers, text } = await from('203.0.113.7')
  expect(Number(headers['retry-after'])).toBeGreaterThan(50)
  expect(JSON.parse(text)).toMatchObject({ issue: [{ code: 'throttled' }] })
  const page = await from('203.0.113.7', '/oauth/jwks')
  expect([page.status, JSON.parse(page.text)]).toMatchObject([429, { error: 'temporarily_unavailable' }])
  expect((await from('203.0.113.8')).status).toBe(200)
  expect((await from('2001:db8::1')).status).toBe(200)
})

test('what one client may ask is counted over all gateways, and held by each alone while Redis is away', async () => {
  const limits = { ...few, requestsPerClient: 12 }
  const taken = (by: Admission, times: number): number => {
    const caller = { credential: { client: 'app' } } as never
    return Array.from({ length: times }, () => by.caller(caller)).filter((refusal) => refusal === undefined).length
  }
  const [one, two] = [admitting(redis, limits), admitting(redis, limits)]
  expect([taken(one, 10), taken(two, 1)]).toEqual([10, 1])
  await told()
  expect(taken(one, 5) + taken(two, 5)).toBeLessThanOrEqual(3)
  await told()
  expect([taken(one, 5), taken(two, 5)]).toEqual([0, 0])
  const away = await connectRedis(redisUrl())
  const alone = admitting(away, limits)
  await away.quit()
  expect(taken(alone, 10)).toBe(10)
  await told()
  expect(taken(alone, 10)).toBe(2)
  for (const each of [one, two, alone]) await each.stop()
})

/** Some rounds of what gateways tell each other. */
const told = (): Promise<void> => sleep(350)

test('one address has so many connections, and one more is closed', async () => {
  const few = { ...defaultLimits, connectionsPerAddress: 2 }
  const small = await listen((_request, response) => void response.end('{}'), '127.0.0.1', 0, few)
  const open = async (): Promise<{ socket: Socket; isClosed: Promise<boolean> }> => {
    const socket = dial(small.port, '127.0.0.1')
    const isClosed = new Promise<boolean>((resolve) => {
      socket
        .once('close', () => resolve(true))
        .once('data', () => resolve(false))
        .on('error', () => undefined)
    })
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    return { socket, isClosed }
  }
  const sockets = [await open(), await open(), await open()]
  expect(await Promise.all(sockets.map(({ isClosed }) => isClosed))).toEqual([false, false, true])
  for (const { socket } of sockets) socket.destroy()
  await small.close()
})

test('who does not come to an end of a request is answered that it took too long', async () => {
  const slow = await listen(() => undefined, '127.0.0.1', 0, { ...defaultLimits, uploadMilliseconds: 1000 })
  const answer = await new Promise<string>((resolve, reject) => {
    let all = ''
    const socket = dial(slow.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nX-Slow: '))
    const drip = setInterval(() => socket.writable && socket.write('x'), 200)
    socket.on('data', (chunk) => (all += chunk.toString())).on('error', reject)
    socket.on('close', () => {
      clearInterval(drip)
      resolve(all)
    })
  })
  expect(answer).toMatch(/^HTTP\/1\.1 408 .*OperationOutcome/s)
  await slow.close()
})

test('docs/security.md names tests that there are', () => {
  const named = [...readFileSync('docs/security.md', 'utf8').matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((path) => !existsSync(path))).toEqual([])
})
