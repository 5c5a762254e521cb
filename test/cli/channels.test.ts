import { afterEach, expect, test } from '@jest/globals'
import type { OpenChannels } from '../../src/cli/channels.ts'
import { openChannels } from '../../src/cli/channels.ts'
import type { ChannelsConfig } from '../../src/config/channels.ts'

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

test('a provider is called by TLS, or within a network of one’s own', () => {
  for (const url of ['https://sms.example/', 'http://192.168.7.9:8000/', 'http://sms.lan/', 'http://127.0.0.1/']) {
    expect(codes({ sms: { url, secrets } })).toEqual(['sms'])
  }
  for (const url of ['http://sms.example/', 'http://8.8.8.8/', 'http://169.254.169.254/']) {
    expect(() => codes({ push: { url, secrets } })).toThrow('ISTHMUS_PUSH_WEBHOOK must begin with https://')
  }
})
