/** Fault 52: receivers that are slow, ill, lead elsewhere, never end, or are not who they say; each a real server. */
import type { TlsOptions } from 'node:tls'
import { afterEach, describe, expect, test } from '@jest/globals'
import tlsOptions from 'smtp-server/lib/tls-options.js'
import type { Outbound } from '../../src/outbound/outbound.ts'
import { outbound } from '../../src/outbound/outbound.ts'
import { LOOPBACK, PRIVATE } from '../../src/outbound/reach.ts'
import type { Answering, Receiver } from '../support/receiver.ts'
import { receiver } from '../support/receiver.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function served(answer?: Answering, certificate?: TlsOptions): Promise<Receiver> {
  const made = await receiver(answer, certificate)
  stops.push(() => made.stop())
  return made
}

function caller(networks: readonly string[] = LOOPBACK, connections?: number): Outbound {
  const made = outbound({ networks, ...(connections !== undefined && { connections }) })
  stops.push(() => made.close())
  return made
}

const post = { method: 'POST', body: '{"a":1}', milliseconds: 5_000, bytes: 1024 } as const

describe('a call', () => {
  test('sends what it is given and nothing of who calls, and gives back what was answered', async () => {
    const { url, heard } = await served((response) => response.writeHead(202, { 'Retry-After': '7' }).end('taken'))
    const answer = await caller().call({ ...post, url: `${url}/hook`, headers: { 'webhook-id': '1' } })
    expect(answer).toMatchObject({ status: 202, headers: { 'retry-after': '7' }, body: 'taken' })
    expect(heard).toMatchObject([{ url: '/hook', method: 'POST', body: '{"a":1}' }])
    expect(Object.keys(heard[0]?.headers ?? {}).sort()).toEqual(['connection', 'content-length', 'host', 'webhook-id'])
  })

  test('uses connections again where it may', async () => {
    const { url, heard, connections } = await served()
    const { call } = caller(LOOPBACK, 2)
    for (let n = 0; n < 10; n++) await call({ ...post, url })
    expect(heard).toHaveLength(10)
    expect(connections()).toBe(1)
  })

  test('is made again where a kept connection was closed meanwhile', async () => {
    const { url, heard } = await served((response, { url: path }) => {
      if (path === '/') response.end(() => response.socket?.resetAndDestroy())
      else response.end()
    })
    const { call } = caller(LOOPBACK, 1)
    for (let n = 0; n < 20; n++) {
      await call({ ...post, url })
      await call({ ...post, url: `${url}/${n}` })
    }
    expect(heard).toHaveLength(40)
  })

  test('ends when its caller goes', async () => {
    const { url, heard } = await served(() => undefined)
    const gone = new AbortController()
    const call = caller().call({ ...post, url, signal: gone.signal })
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    gone.abort()
    await expect(call).rejects.toThrow('aborted')
  })
})

describe('a receiver', () => {
  test('that does not answer in time is not waited for', async () => {
    const { url } = await served(() => undefined)
    await expect(caller().call({ ...post, url, milliseconds: 200 })).rejects.toThrow()
  })

  test('that answers and then never ends has answered', async () => {
    const { url } = await served((response) => {
      response.writeHead(200).write('x')
      const timer = setInterval(() => response.write('x'), 20)
      response.once('close', () => clearInterval(timer))
    })
    expect(await caller().call({ ...post, url, milliseconds: 300 })).toMatchObject({ status: 200, body: undefined })
  })

  test('that sends very much is cut off', async () => {
    let sent = 0
    const { url } = await served((response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 1e9 && response.write('x'.repeat(65_536))) sent += 65_536
      }
      response.writeHead(200).on('drain', more)
      more()
    })
    expect(await caller().call({ ...post, url })).toMatchObject({ status: 200, body: undefined })
    expect(sent).toBeLessThan(1e8)
  })

  test('that leads elsewhere is not followed', async () => {
    const secret = await served()
    const { url } = await served((response) => response.writeHead(307, { Location: secret.url }).end())
    expect(await caller().call({ ...post, url })).toMatchObject({ status: 307 })
    expect(secret.heard).toEqual([])
  })

  test('whose certificate nobody vouches for hears nothing', async () => {
    const { url, heard } = await served(undefined, tlsOptions())
    await expect(caller().call({ ...post, url })).rejects.toThrow(/certificate/)
    expect(heard).toEqual([])
  })

  test('that does not speak TLS hears nothing', async () => {
    const { url, heard } = await served()
    await expect(caller().call({ ...post, url: url.replace('http:', 'https:') })).rejects.toThrow()
    expect(heard).toEqual([])
  })

  test('that is not there is a failure', async () => {
    const gone = await receiver()
    await gone.stop()
    await expect(caller().call({ ...post, url: gone.url })).rejects.toThrow('ECONNREFUSED')
  })
})

describe('addresses inside', () => {
  test.each([
    ...['http://127.0.0.1:1/', 'https://127.0.0.1:1/', 'https://localhost:1/', 'https://10.0.0.1/', 'https://[::1]/'],
    ...['https://169.254.169.254/latest/', 'https://metadata.google.internal/', 'https://2130706433/'],
    ...['https://[::ffff:7f00:1]/', 'http://hooks.example.com/', 'ftp://hooks.example.com/'],
  ])('%s is not called', async (url) => {
    await expect(caller([]).call({ ...post, url })).rejects.toThrow('outside')
  })

  test.each(['https://169.254.169.254/', 'http://100.64.0.1/', 'http://8.8.8.8/'])(
    '%s is not of a clinic’s own network either',
    async (url) => {
      await expect(caller(PRIVATE).call({ ...post, url })).rejects.toThrow('outside')
    },
  )

  test('a name is judged by the number that it leads to', async () => {
    const { url, heard } = await served()
    const named = url.replace('127.0.0.1', 'localhost')
    await expect(caller(['10.0.0.0/8']).call({ ...post, url: named })).rejects.toThrow('inside')
    expect(await caller().call({ ...post, url: named })).toMatchObject({ status: 204 })
    expect(heard).toHaveLength(1)
  })

  test('an address with a password in it is not called', async () => {
    await expect(caller().call({ ...post, url: 'http://a:b@127.0.0.1:1/' })).rejects.toThrow('password')
  })
})
