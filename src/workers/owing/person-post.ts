/** Messages to people by the channels that are configured: in their language, by the first way that leads to them. */
import type { Channel, ChannelCode } from '../../channels/channel.ts'
import type { Contact } from '../../channels/contacts.ts'
import type { Letter, Post, Posted } from './post.ts'
import { languageOf, worded } from './wording.ts'

export interface PersonPostParts {
  readonly channels: ReadonlyMap<ChannelCode, Channel>
  /** Addresses of the person in the order in which they are tried, or why there are none. */
  readonly contacts: (letter: Letter) => Promise<readonly WrittenTo[] | string>
}

interface WrittenTo extends Contact {
  /** address under which no more of it can be asked for */
  readonly unsubscribe?: () => string
}

export function personPost({ channels, contacts }: PersonPostParts): Post {
  return {
    async send(letter): Promise<Posted> {
      const { id, tenant, template: kind, facts, confidential, way, isOurs } = letter
      const language = languageOf(letter)
      if (way === 'app') return { way, ...worded(letter, { code: 'push' }) }
      const found = await contacts({ ...letter, language })
      if (typeof found === 'string') return { unreachable: found }
      const contact = found.find(({ code }) => channels.has(code) && (way === undefined || way === code))
      const channel = contact && channels.get(contact.code)
      if (!contact || !channel) return { unreachable: 'there is no way to the recipient' }
      const { code, to } = contact
      const isEmail = code === 'email'
      const all = isEmail ? { ...facts, ...confidential } : facts
      const unsubscribe = isEmail ? contact.unsubscribe?.() : undefined
      const rendered = worded({ ...letter, facts: all }, { code, unsubscribe })
      const more = { ...(unsubscribe !== undefined && { unsubscribe }), ...(isOurs && { isOurs }) }
      await channel.send({ id, tenant, kind, language, to, ...rendered, ...more })
      // What is kept of it has neither the link nor what is for the recipient alone
      const { subject, text } = isEmail ? worded(letter, { code }) : rendered
      return { way: code, subject, text }
    },
  }
}
