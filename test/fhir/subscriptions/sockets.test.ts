import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { WebSocket } from 'ws'
import type { Notified, SubscriptionServer } from '../../support/subscription-server.ts'
import { notifiedIn, startSubscriptionServer, subscriptionTo, until } from '../../support/subscription-server.ts'

let hub: SubscriptionServer

beforeAll(async () => {
  hub = await startSubscriptionServer()
  hub.startWorkers()
})

afterAll(() => hub.stop())

async function subscribe(): Promise<string> {
  const channel = { type: 'websocket', endpoint: undefined }
  const { json } = await hub.server.send('POST', 'Subscription', subscriptionTo('report-changed', '', { channel }))
  return (json as unknown as { id: string }).id
}

async function report(): Promise<void> {
  const body = { resourceType: 'DiagnosticReport', status: 'final', code: { text: 'a' }, subject: { display: 'A' } }
  await hub.server.send('POST', 'DiagnosticReport', body)
}

interface Token {
  readonly token: string
  readonly url: string
}

async function tokenFor(id: string): Promise<Token> {
  const { json } = await hub.server.get(`Subscription/${id}/$get-ws-binding-token`)
  const { parameter } = json as unknown as { parameter: { name: string; valueString: string; valueUrl: string }[] }
  const value = (name: string) => parameter.find((each) => each.name === name)
  return { token: value('token')?.valueString ?? '', url: value('websocket-url')?.valueUrl ?? '' }
}

interface Connected {
  readonly socket: WebSocket
  readonly told: Notified[]
}

async function connected(url: string, message: string): Promise<Connected> {
  const socket = new WebSocket(url)
  const told: Notified[] = []
  socket.on('message', (data: Buffer) => void told.push(notifiedIn(data.toString())))
  await once(socket, 'open')
  socket.send(message)
  return { socket, told }
}

test('it is bound with a token, greeted, told of what waits and of what comes, and misses nothing between', async () => {
  const id = await subscribe()
  await report()
  const { token, url } = await tokenFor(id)
  expect(url).toBe(`${hub.server.origin.replace('http', 'ws')}/fhir/R4/subscriptions/ws`)
  const first = await connected(url, `bind-with-token ${token}`)
  await until(() => first.told.some(({ numbers }) => numbers.includes(1)))
  await report()
  await until(() => first.told.some(({ numbers }) => numbers.includes(2)))
  first.socket.close()
  await once(first.socket, 'close')
  await report()
  const second = await connected(url, `bind-with-token: ${token}`)
  await until(() => second.told.some(({ numbers }) => numbers.includes(3)))
  expect(first.told.flatMap(({ numbers }) => numbers)).toEqual([1, 2])
  expect(second.told.map(({ type, numbers }) => [type, numbers])).toEqual([
    ['handshake', []],
    ['event-notification', [3]],
  ])
  second.socket.close()
})

test('an unknown token, one of another tenant, and an id alone are turned away', async () => {
  const { token, url } = await tokenFor(await subscribe())
  const elsewhere = url.replace('/fhir/R4', '/t/north/fhir/R4')
  const tries = [
    [url, `bind-with-token ${'a'.repeat(43)}`],
    [url, 'bind 1'],
    [elsewhere, `bind-with-token ${token}`],
  ] as const
  for (const [address, message] of tries) {
    const { socket, told } = await connected(address, message)
    const [code] = (await once(socket, 'close')) as [number]
    expect([code, told]).toEqual([1008, []])
  }
})

test('rights that are gone end the connection; a rest-hook has no token', async () => {
  const id = await subscribe()
  const { token, url } = await tokenFor(id)
  const { socket, told } = await connected(url, `bind-with-token ${token}`)
  await until(() => told.length === 1)
  const closed = once(socket, 'close')
  const { store } = hub.server
  await report()
  await until(() => told.length === 2)
  await store.subscriptions.updateOne({ _id: `default/Subscription/${id}` }, { $set: { revoked: true } })
  await closed
  const other = await hub.server.send('POST', 'Subscription', subscriptionTo('report-changed', 'http://127.0.0.1:9/'))
  const refusal = await hub.server.get(
    `Subscription/${(other.json as unknown as { id: string }).id}/$get-ws-binding-token`,
  )
  expect(refusal.status).toBe(422)
})

test('another protocol that is asked for is not spoken, and HTTP answers', async () => {
  const { port } = new URL(hub.server.origin)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('GET /fhir/R4/metadata HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
  const [data] = (await once(socket, 'data')) as [Buffer]
  expect(data.toString()).toMatch(/^HTTP\/1\.1 (200|421)/)
  socket.destroy()
})
