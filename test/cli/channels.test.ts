import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import type { OpenChannels } from '../../src/cli/channels.ts'
import { openChannels, pacingOf } from '../../src/cli/channels.ts'
import type { ChannelsConfig } from '../../src/config/channels.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import type { LaterError } from '../../src/outbound/failures.ts'
import { connectRedis } from '../../src/queue/connection.ts'
import { sampleMessage } from '../channels/sample-message.ts'
import { redisUrl, uniqueName } from '../support/services.ts'

const none: ChannelsConfig = { mail: undefined, sms: undefined, push: undefined, folder: undefined }
const secrets = [`whsec_${Buffer.alloc(32, 1).toString('base64')}`]
let open: OpenChannels | undefined
afterEach(() => open?.close())

function codes(config: Partial<ChannelsConfig>): string[] {
  open = openChannels({ ...none, ...config })
  return [...open.channels.keys()].sort()
}

test('what is not configured is not there, except in the demo', () => {
  expect(codes({})).toEqual([])
  expect(codes({ mail: { url: 'smtp://127.0.0.1:1', from: 'a@b.example' } })).toEqual(['email'])
  expect(codes({ folder: '/nowhere' })).toEqual(['email', 'push', 'sms'])
})

test('over all workers no more goes than may, and what is too much is told when to come', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-channels-'))
  const redis = await connectRedis(redisUrl())
  const config = { database: uniqueName('channels'), limits: { ...defaultLimits, emailsPerMinute: 1 } }
  const workers = [1, 2].map(() => openChannels({ ...none, folder }, pacingOf(config, redis)))
  try {
    const sent = await Promise.allSettled(
      workers.map(async ({ channels }) => channels.get('email')?.send(sampleMessage, AbortSignal.timeout(10_000))),
    )
    const [late] = sent.flatMap((each) => (each.status === 'rejected' ? [each.reason as LaterError] : []))
    expect(sent.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(late?.retryAfter).toBeGreaterThan(50)
    await workers[0]?.channels.get('sms')?.send({ ...sampleMessage, to: '+971501234567' }, AbortSignal.timeout(10_000))
    expect(readdirSync(folder)).toHaveLength(2)
  } finally {
    for (const { close } of workers) close()
    await redis.quit()
    rmSync(folder, { recursive: true })
  }
})

test('a provider is called by TLS, or within a network of one’s own', () => {
  for (const url of ['https://sms.example/', 'http://192.168.7.9:8000/', 'http://sms.lan/', 'http://127.0.0.1/']) {
    expect(codes({ sms: { url, secrets } })).toEqual(['sms'])
  }
  for (const url of ['http://sms.example/', 'http://8.8.8.8/', 'http://169.254.169.254/']) {
    expect(() => codes({ push: { url, secrets } })).toThrow('ISTHMUS_PUSH_WEBHOOK must begin with https://')
  }
})
