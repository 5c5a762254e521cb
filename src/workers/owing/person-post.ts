/** Messages to people by the channels that are configured: in their language, by the first way that leads to them. */
import type { Resource } from '@medplum/fhirtypes'
import type { Channel, ChannelCode } from '../../channels/channel.ts'
import type { Contact } from '../../channels/contacts.ts'
import type { Facts } from '../../channels/filled.ts'
import type { MessageLanguage } from '../../channels/language.ts'
import { messageLanguage } from '../../channels/language.ts'
import { render } from '../../channels/render.ts'
import type { Letter, Post, Posted } from './post.ts'

export interface PersonPostParts {
  readonly channels: ReadonlyMap<ChannelCode, Channel>
  /** Addresses of the person in the order in which they are tried, or why there are none. */
  readonly contacts: (letter: Letter) => Promise<readonly WrittenTo[] | string>
}

interface WrittenTo extends Contact {
  /** address under which no more of it can be asked for */
  readonly unsubscribe?: string
}

export function personPost({ channels, contacts }: PersonPostParts): Post {
  return {
    async send(letter, signal): Promise<Posted> {
      const { id, template: kind, facts, confidential, way, isOurs } = letter
      const locale = localeOf(letter.recipient)
      const language = locale === undefined ? letter.language : messageLanguage(locale)
      if (way === 'app') return { way, ...written({ ...letter, language, locale }, 'push') }
      const found = await contacts({ ...letter, language })
      if (typeof found === 'string') return { unreachable: found }
      const contact = found.find(({ code }) => channels.has(code) && (way === undefined || way === code))
      const channel = contact && channels.get(contact.code)
      if (!contact || !channel) return { unreachable: 'there is no way to the recipient' }
      const { code, to, unsubscribe } = contact
      const all = code === 'email' ? { ...facts, ...confidential } : facts
      const rendered = written({ ...letter, language, locale, facts: all }, code, unsubscribe)
      const more = { ...(unsubscribe !== undefined && { unsubscribe }), ...(isOurs && { isOurs }) }
      await channel.send({ id, kind, language, to, ...rendered, ...more }, signal)
      return { way: code, ...written({ ...letter, language, locale }, code) }
    },
  }
}

type Wording = Pick<Letter, 'template' | 'facts'> & {
  readonly language: MessageLanguage
  readonly locale: string | undefined
}

function written({ template: kind, facts, language, locale }: Wording, code: ChannelCode, unsubscribe?: string) {
  const known = { zone: 'UTC', ...(locale !== undefined && { locale }), ...facts } as Facts
  return render({ kind, language, facts: known, code, ...(unsubscribe !== undefined && { unsubscribe }) })
}

/** The language that the person prefers, else the first that is known. */
function localeOf(recipient: Resource): string | undefined {
  const { communication = [] } = recipient as Pick<PatientLike, 'communication'>
  const preferred = communication.find((each) => each.preferred === true) ?? communication[0]
  return preferred?.language?.coding?.find(({ code }) => code !== undefined)?.code
}

interface PatientLike {
  readonly communication?: readonly {
    readonly preferred?: boolean
    readonly language?: { readonly coding?: readonly { readonly code?: string }[] }
  }[]
}
