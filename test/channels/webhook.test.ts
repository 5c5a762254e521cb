/** SMS and pushes to a real receiver. */
import { createHmac } from 'node:crypto'
import { afterEach, expect, test } from '@jest/globals'
import type { Channel } from '../../src/channels/channel.ts'
import { messageKey } from '../../src/channels/message-key.ts'
import { webhookHeaders, webhookKey } from '../../src/channels/signature.ts'
import { webhookChannel } from '../../src/channels/webhook.ts'
import { LaterError, RefusedError } from '../../src/outbound/failures.ts'
import { outbound } from '../../src/outbound/outbound.ts'
import { LOOPBACK } from '../../src/outbound/reach.ts'
import type { Answering, Receiver } from '../support/receiver.ts'
import { receiver } from '../support/receiver.ts'
import { sampleMessage } from './sample-message.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const older = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
const never = new AbortController().signal
const message = { ...sampleMessage, to: '+971501234567' }
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function served(answer?: Answering, code: 'sms' | 'push' = 'sms'): Promise<Receiver & { channel: Channel }> {
  const server = await receiver(answer)
  const calls = outbound({ networks: LOOPBACK, connections: 4 })
  stops.push(
    () => calls.close(),
    () => server.stop(),
  )
  const channel = webhookChannel({ code, url: `${server.url}/send`, secrets: [secret, older], outbound: calls })
  return { ...server, channel }
}

test('the signature is that of Standard Webhooks', () => {
  // the example of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  const headers = webhookHeaders([webhookKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')], {
    ...{ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' },
  })
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('a message arrives signed, with a name that stays the same', async () => {
  const { channel, heard } = await served()
  await channel.send(message, never)
  await channel.send(message, never)
  const [{ headers, body }, again] = heard as [(typeof heard)[0], (typeof heard)[0]]
  expect(JSON.parse(body)).toEqual({
    ...{ id: messageKey(message.id), channel: 'sms', kind: message.kind, language: 'ar' },
    ...{ to: '+971501234567', text: message.text },
  })
  const id = String(headers['webhook-id'])
  const timestamp = Number(headers['webhook-timestamp'])
  expect(headers['idempotency-key']).toBe(messageKey(message.id))
  expect(id).toBe(messageKey(message.id))
  expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(30)
  const signatures = [secret, older].map((each) => {
    const key = Buffer.from(each.slice('whsec_'.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  expect(headers['webhook-signature']).toBe(signatures.join(' '))
  expect(again.headers['webhook-id']).toBe(id)
})

test('a push has a title', async () => {
  const { channel, heard } = await served(undefined, 'push')
  await channel.send(message, never)
  expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject({ channel: 'push', title: message.subject })
})

test.each([408, 425, 429, 500, 503])('%i: for later, when the provider says', async (status) => {
  const { channel } = await served((response) => response.writeHead(status, { 'Retry-After': '30' }).end())
  const sent = channel.send(message, never)
  await expect(sent).rejects.toBeInstanceOf(LaterError)
  await expect(sent).rejects.toMatchObject({ retryAfter: 30 })
})

test.each([301, 400, 401, 404, 410, 422])('%i: never', async (status) => {
  const { channel } = await served((response) => response.writeHead(status, { Location: '/other' }).end())
  await expect(channel.send(message, never)).rejects.toBeInstanceOf(RefusedError)
})

test('a provider that is away is for later, and nothing says where it is', async () => {
  const server = await served()
  await server.stop()
  const sent = server.channel.send(message, never)
  await expect(sent).rejects.toBeInstanceOf(LaterError)
  await expect(sent).rejects.not.toThrow('127.0.0.1')
})

test('an answer without end is an answer', async () => {
  const { channel } = await served((response) => {
    response.writeHead(200)
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    }
    response.on('drain', more)
    more()
  })
  await channel.send(message, never)
})
