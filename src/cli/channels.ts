/** The ways to people that are configured; in the demo what has no other way is written into a folder. */
import type { Channel, ChannelCode } from '../channels/channel.ts'
import { emailChannel } from '../channels/email.ts'
import { folderChannel } from '../channels/folder.ts'
import { webhookChannel } from '../channels/webhook.ts'
import type { ChannelsConfig, WebhookConfig } from '../config/channels.ts'
import { StartError } from '../kernel/errors.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { outbound } from '../outbound/outbound.ts'
import { PRIVATE } from '../outbound/reach.ts'

export interface OpenChannels {
  readonly channels: ReadonlyMap<ChannelCode, Channel>
  readonly close: () => void
}

/** To one provider at once */
const CONNECTIONS = 16
const VARIABLES = { sms: 'ISTHMUS_SMS_WEBHOOK', push: 'ISTHMUS_PUSH_WEBHOOK' } as const

export function openChannels({ mail, sms, push, folder }: ChannelsConfig): OpenChannels {
  // These addresses are the operator's own: a provider may stand in the clinic
  const calls = outbound({ networks: PRIVATE, connections: CONNECTIONS })
  const email = mail && emailChannel(mail)
  const made = [email, sms && webhook('sms', sms, calls), push && webhook('push', push, calls)]
  const there = new Map(made.flatMap((channel) => (channel ? [[channel.code, channel] as const] : [])))
  const codes = ['email', 'sms', 'push'] as const
  const missing = folder === undefined ? [] : codes.filter((code) => !there.has(code))
  for (const code of missing) there.set(code, folderChannel(code, folder ?? ''))
  const close = (): void => {
    email?.close()
    calls.close()
  }
  return { channels: there, close }
}

function webhook(code: 'sms' | 'push', { url, secrets }: WebhookConfig, calls: Outbound): Channel {
  try {
    calls.assertWithin(new URL(url))
  } catch {
    throw new StartError(`${VARIABLES[code]} must begin with https://, unless it stands in a network of your own.`)
  }
  return webhookChannel({ code, url, secrets, outbound: calls })
}
