/** The ways to people that are configured; in the demo what has no other way is written into a folder. */
import type { Redis } from 'ioredis'
import { breaker } from '../channels/breaker.ts'
import type { Channel, ChannelCode } from '../channels/channel.ts'
import { emailChannel } from '../channels/email.ts'
import { folderChannel } from '../channels/folder.ts'
import type { Pace } from '../channels/paced.ts'
import { AT_ONCE, paced } from '../channels/paced.ts'
import { webhookChannel } from '../channels/webhook.ts'
import type { Config } from '../config/config.ts'
import type { ChannelsConfig, WebhookConfig } from '../config/channels.ts'
import { StartError } from '../kernel/errors.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { outbound } from '../outbound/outbound.ts'
import { PRIVATE } from '../outbound/reach.ts'
import { turns } from '../queue/turns.ts'

export interface OpenChannels {
  readonly channels: ReadonlyMap<ChannelCode, Channel>
  readonly close: () => void
}

export type Pacing = (code: ChannelCode) => Pace

const VARIABLES = { sms: 'ISTHMUS_SMS_WEBHOOK', push: 'ISTHMUS_PUSH_WEBHOOK' } as const

/** `pace`: how many may go; none: as they come */
export function openChannels({ mail, sms, push, folder }: ChannelsConfig, pace?: Pacing): OpenChannels {
  // These addresses are the operator's own: a provider may stand in the clinic
  const calls = outbound({ networks: PRIVATE, connections: AT_ONCE })
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
  if (pace) for (const [code, channel] of there) there.set(code, paced(channel, pace(code)))
  return { channels: there, close }
}

/** Over all workers of the database; that a channel is away each sees for itself. */
export function pacingOf({ limits, database }: Pick<Config, 'limits' | 'database'>, redis: Redis): Pacing {
  const perMinute = { email: limits.emailsPerMinute, sms: limits.smsPerMinute, push: limits.pushesPerMinute }
  return (code) => ({
    turn: turns(redis, { name: `isthmus-${database}:${code}`, perMinute: perMinute[code] }),
    breaker: breaker(),
  })
}

function webhook(code: 'sms' | 'push', { url, secrets }: WebhookConfig, calls: Outbound): Channel {
  try {
    calls.assertWithin(new URL(url))
  } catch {
    throw new StartError(`${VARIABLES[code]} must begin with https://, unless it stands in a network of your own.`)
  }
  return webhookChannel({ code, url, secrets, outbound: calls })
}
