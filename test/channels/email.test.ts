/** Email to a real SMTP server. */
import { afterEach, expect, test } from '@jest/globals'
import type { SMTPServerOptions } from 'smtp-server'
import type { Message } from '../../src/channels/channel.ts'
import type { EmailChannel } from '../../src/channels/email.ts'
import { emailChannel } from '../../src/channels/email.ts'
import { messageKey } from '../../src/channels/message-key.ts'
import { LaterError, RefusedError } from '../../src/outbound/failures.ts'
import type { MailServer } from '../support/mail-server.ts'
import { mailServer } from '../support/mail-server.ts'
import { sampleMessage } from './sample-message.ts'

const from = 'The Clinic <no-reply@clinic.example>'
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function served(options?: SMTPServerOptions): Promise<MailServer & { readonly channel: EmailChannel }> {
  const server = await mailServer(options)
  const channel = emailChannel({ url: server.url, from })
  stops.push(
    () => server.stop(),
    () => channel.close(),
  )
  return { ...server, channel }
}

const never = new AbortController().signal

async function failure(channel: EmailChannel, message: Message = sampleMessage): Promise<unknown> {
  return channel.send(message, never).then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** An SMTP server that says no. */
function answering(status: number, text = 'mailbox of amal@patients.example'): Error {
  return Object.assign(new Error(text), { responseCode: status })
}

test('a message arrives with the name of it, a way to stop it, and text beside HTML', async () => {
  const { channel, mails } = await served()
  await channel.send(sampleMessage, never)
  const [{ to, headers, source }] = mails as [(typeof mails)[0]]
  expect(to).toEqual(['amal@patients.example'])
  expect(Object.fromEntries(headers)).toMatchObject({
    ...{ from, to: 'amal@patients.example', 'message-id': `<${messageKey(sampleMessage.id)}@clinic.example>` },
    ...{ 'list-unsubscribe': '<https://clinic.example/messages/choices/abc>', 'auto-submitted': 'auto-generated' },
    ...{ 'list-unsubscribe-post': 'List-Unsubscribe=One-Click', 'content-language': 'ar' },
  })
  expect(source).toContain('Content-Type: text/plain; charset=utf-8')
  expect(source).toContain('Content-Type: text/html; charset=utf-8')
})

test('sent again it has the same name, and the name tells nothing', async () => {
  const { channel, mails } = await served()
  await channel.send(sampleMessage, never)
  await channel.send(sampleMessage, never)
  await channel.send({ ...sampleMessage, id: 'another' }, never)
  const names = mails.map(({ headers }) => headers.get('message-id'))
  expect(new Set(names).size).toBe(2)
  expect(names[0]).toBe(names[1])
  expect(names.join()).not.toContain('hms-7')
})

test('many go by few connections', async () => {
  let connections = 0
  const { channel, mails } = await served({
    onConnect(_session, done) {
      connections++
      done()
    },
  })
  await Promise.all(Array.from({ length: 100 }, (_, n) => channel.send({ ...sampleMessage, id: String(n) }, never)))
  expect(mails).toHaveLength(100)
  expect(connections).toBeLessThanOrEqual(5)
})

test.each([
  ['550', RefusedError],
  ['553', RefusedError],
  ['450', LaterError],
  ['421', LaterError],
])('an address that is answered with %s', async (status, kind) => {
  const { channel } = await served({ onRcptTo: (_address, _session, done) => done(answering(Number(status))) })
  const error = await failure(channel)
  expect(error).toBeInstanceOf(kind)
  expect(String(error)).not.toContain('amal')
})

test.each([
  ['554', RefusedError],
  ['452', LaterError],
])('a content that is answered with %s', async (status, kind) => {
  const { channel } = await served({
    onData(stream, _session, done) {
      stream.resume().once('end', () => done(answering(Number(status))))
    },
  })
  expect(await failure(channel)).toBeInstanceOf(kind)
})

test('what a server has against the clinic itself is no fault of the message', async () => {
  const { channel } = await served({ onMailFrom: (_address, _session, done) => done(answering(550)) })
  expect(await failure(channel)).toBeInstanceOf(LaterError)
})

test('where no server answers, or not in time, it is for later', async () => {
  const server = await served()
  await server.stop()
  expect(await failure(server.channel)).toBeInstanceOf(LaterError)
})

test('who sends may give up', async () => {
  const { channel } = await served({ onData: (stream) => void stream.resume() })
  await expect(channel.send(sampleMessage, AbortSignal.timeout(300))).rejects.toBeInstanceOf(LaterError)
})

test('a certificate that nobody vouches for is not written to', async () => {
  const { channel, mails } = await served({ disabledCommands: [], key: undefined })
  expect(await failure(channel)).toBeInstanceOf(LaterError)
  expect(mails).toEqual([])
})

test.each(['', 'amal', 'a@b, c@d', 'a@b\r\nBcc: c@d', 'Amal <a@b>', 'group: a@b;', 'a b@c'])(
  'no address: %j',
  async (to) => {
    const { channel, mails } = await served()
    expect(await failure(channel, { ...sampleMessage, to })).toBeInstanceOf(RefusedError)
    expect(mails).toEqual([])
  },
)

test('a subject stays a subject', async () => {
  const { channel, mails } = await served()
  await channel.send({ ...sampleMessage, subject: 'Hello\r\nBcc: other@patients.example' }, never)
  expect(mails[0]?.to).toEqual(['amal@patients.example'])
  expect(mails[0]?.headers.get('bcc')).toBeUndefined()
})
