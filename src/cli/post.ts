/** The ways to people put together: the channels that are configured, and who may be reached by which address. */
import { openChannels } from './channels.ts'
import type { BulkOptions } from './bulk.ts'
import type { Contact } from '../workers/owing/person-post.ts'
import { personPost } from '../workers/owing/person-post.ts'
import type { Letter, Post } from '../workers/owing/post.ts'

export function openPost({ config }: Pick<BulkOptions, 'config'>): Post & { close(): void } {
  const { channels, close } = openChannels(config.channels)
  return { ...personPost({ channels, contacts: (letter) => Promise.resolve(telecomOf(letter)) }), close }
}

interface Telecom {
  readonly system?: string
  readonly value?: string
  readonly use?: string
  readonly period?: { readonly end?: string }
}

function telecomOf({ recipient }: Letter): Contact[] {
  const { telecom = [] } = recipient as { readonly telecom?: readonly Telecom[] }
  const valid = telecom.filter(({ use, period }) => use !== 'old' && !(Date.parse(period?.end ?? '') < Date.now()))
  const byWay = { email: 'email', sms: 'sms', phone: 'sms' } as const
  return valid.flatMap(({ system, value }) => {
    const code = byWay[system as keyof typeof byWay] as Contact['code'] | undefined
    return code === undefined || value === undefined ? [] : [{ code, to: value }]
  })
}
