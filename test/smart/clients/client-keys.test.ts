/** Keys by address, with a clock and a server of the test's own (CA10–CA12); over HTTP in client-assertion.test.ts. */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { clientKeysFrom } from '../../../src/smart/clients/client-keys.ts'
import { fetchKeys, secondsToKeep } from '../../../src/smart/clients/fetch-keys.ts'

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const setOf = (...kids: readonly string[]) => ({
  keys: kids.map((kid) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES384' })),
})

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server?.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
}

const here = { loopback: true }
const jwksUri = 'https://service.example/jwks'
const kids = ({ keys }: { keys: readonly { kid: string }[] }) => keys.map(({ kid }) => kid)

function world() {
  const state = { now: 1_000_000, published: setOf('1'), seconds: 60, fetches: 0, isAway: false }
  const keysOf = clientKeysFrom({
    loopback: false,
    now: () => state.now,
    fetch: () => {
      state.fetches++
      if (state.isAway) return Promise.reject(new Error('away'))
      return Promise.resolve({ set: state.published, seconds: state.seconds })
    },
  })
  return { state, keysOf: async (kid: string) => kids(await keysOf({ jwksUri }, kid)) }
}

test('keys that were registered themselves are not fetched', async () => {
  expect(kids(await clientKeysFrom(here)({ jwks: setOf('1') }, '2'))).toEqual(['1'])
})

test('they are remembered as long as their server says, and no longer (CA11)', async () => {
  const { state, keysOf } = world()
  await keysOf('1')
  state.published = setOf('2')
  state.now += 59_999
  expect(await keysOf('1')).toEqual(['1'])
  state.now += 1
  expect(await keysOf('1')).toEqual(['2'])
  expect(state.fetches).toBe(2)
})

test('what may not be remembered is fetched each time, by all who ask at once together (CA11)', async () => {
  const { state, keysOf } = world()
  state.seconds = 0
  await keysOf('1')
  state.published = setOf('2')
  expect(await Promise.all([keysOf('1'), keysOf('1'), keysOf('1')])).toEqual([['2'], ['2'], ['2']])
  expect(state.fetches).toBe(2)
})

test('a new key is found at once, or after five seconds when others asked just now (CA12)', async () => {
  const { state, keysOf } = world()
  await keysOf('1')
  state.now += 5_000
  state.published = setOf('1', '2')
  expect(await keysOf('2')).toEqual(['1', '2'])
  for (let n = 0; n < 100; n++) await keysOf(`guess ${n}`)
  expect(state.fetches).toBe(2)
  state.published = setOf('3')
  state.now += 5_000
  expect(await keysOf('3')).toEqual(['3'])
})

test('where there is no answer there are no keys, and nobody asks again at once', async () => {
  const { state, keysOf } = world()
  state.isAway = true
  expect(await keysOf('1')).toEqual([])
  state.isAway = false
  expect(await keysOf('1')).toEqual([])
  state.now += 5_000
  expect(await keysOf('1')).toEqual(['1'])
})

test('an old key is not good any more because its server went away (CA11)', async () => {
  const { state, keysOf } = world()
  await keysOf('1')
  state.isAway = true
  state.now += 60_000
  expect(await keysOf('1')).toEqual([])
})

test.each([
  [{}, 60],
  [{ 'cache-control': 'public, max-age=120' }, 120],
  [{ 'cache-control': 'max-age=120', age: '100' }, 20],
  [{ 'cache-control': 'max-age=120', age: '500' }, 0],
  [{ 'cache-control': 'Max-Age=0' }, 0],
  [{ 'cache-control': 'no-store' }, 0],
  [{ 'cache-control': 'no-cache, max-age=100' }, 0],
  [{ 'cache-control': 'max-age=99999999' }, 3600],
  [{ expires: '0' }, 0],
  [{ date: 'Sat, 21 Nov 2026 10:00:00 GMT', expires: 'Sat, 21 Nov 2026 10:00:30 GMT' }, 30],
  [{ expires: 'Sat, 21 Nov 2026 10:00:30 GMT', 'cache-control': 'max-age=7' }, 7],
])('%j: kept for %d seconds (CA11)', (headers, seconds) => {
  expect(secondsToKeep(headers)).toBe(seconds)
})

test('keys are asked for as JSON, and nothing is shown to whoever has them (CA10, U06)', async () => {
  let sent: IncomingHttpHeaders = {}
  const url = await serve((request, response) => {
    sent = request.headers
    response.setHeader('Cache-Control', 'max-age=9').end(JSON.stringify(setOf('1')))
  })
  expect(await fetchKeys(url, here)).toMatchObject({ set: setOf('1'), seconds: 9 })
  expect(sent).toEqual({ accept: 'application/json', connection: 'close', host: new URL(url).host })
})

test('without TLS, inside of networks, or by a name that leads there: not fetched (CA10)', async () => {
  let asked = 0
  const url = await serve((_, response) => {
    asked++
    response.end(JSON.stringify(setOf('1')))
  })
  const { port } = new URL(url)
  const inside = [
    url,
    `https://127.0.0.1:${port}/`,
    `https://localhost:${port}/`,
    'https://10.0.0.1/',
    'http://a.example/',
  ]
  for (const address of inside) await expect(fetchKeys(address, { loopback: false })).rejects.toThrow('outside')
  await expect(fetchKeys('http://a.example/', here)).rejects.toThrow('outside')
  expect(asked).toBe(0)
})

test('a redirect is not followed (CA10)', async () => {
  let asked = 0
  const url = await serve((request, response) => {
    asked++
    response.writeHead(302, { Location: `http://${String(request.headers.host)}/other` }).end()
  })
  await expect(fetchKeys(url, here)).rejects.toThrow('302')
  expect(asked).toBe(1)
})

test('more than 64 KiB are not read (CA10)', async () => {
  const url = await serve((_, response) => response.end(JSON.stringify({ ...setOf('1'), x: 'x'.repeat(65_536) })))
  await expect(fetchKeys(url, here)).rejects.toThrow('too large')
})

test('who takes longer than two and a half seconds is not waited for, nor who goes on and on (CA10)', async () => {
  const start = performance.now()
  const url = await serve((request, response) => {
    if (request.url !== '/drip') return
    const timer = setInterval(() => response.write(' '), 100)
    response.once('close', () => clearInterval(timer))
  })
  const drip = fetchKeys(url.replace('/jwks', '/drip'), here)
  await Promise.all([expect(fetchKeys(url, here)).rejects.toThrow(), expect(drip).rejects.toThrow()])
  expect(performance.now() - start).toBeLessThan(5_000)
})
