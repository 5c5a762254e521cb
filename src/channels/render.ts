/** A message of a template and facts: subject, text, and for email the same as HTML. */
import type { ChannelCode } from './channel.ts'
import type { Facts, FilledLine } from './filled.ts'
import { filled } from './filled.ts'
import type { MessageLanguage } from './language.ts'
import { mailPage } from './mail-page.ts'
import type { OwnText } from './own-texts.ts'
import { withOwn } from './own-texts.ts'
import { ownTemplates } from './template.ts'

export interface Rendered {
  readonly subject: string
  readonly text: string
  readonly html?: string
}

export interface RenderOptions {
  readonly kind: string
  readonly language: MessageLanguage
  readonly facts: Facts
  readonly code: ChannelCode
  /** address under which no more of it can be asked for: part of an email */
  readonly unsubscribe?: string
  /** what the clinic says in its own words */
  readonly own?: OwnText
}

interface Frame {
  readonly from: (clinic: string) => string
  readonly unsubscribe: string
}

/** What every email ends with. */
const frames: Readonly<Record<MessageLanguage, Frame>> = {
  en: {
    from: (clinic) => `This message is from ${clinic}. It was sent by a machine that cannot read answers.`,
    unsubscribe: 'No more messages of this kind',
  },
  ar: {
    from: (clinic) => `هذه الرسالة من ${clinic}. أرسلها نظام آلي لا يقرأ الردود.`,
    unsubscribe: 'إيقاف هذا النوع من الرسائل',
  },
}

/** Throws where there is no such kind. */
export function render(options: RenderOptions): Rendered {
  const { kind, language, facts, code, own = {} } = options
  const template = ownTemplates.get(kind)
  if (!template) throw new Error(`there is no template for messages of the kind ${kind}`)
  const { subject, lines, short, action } = withOwn(template, own)[language]
  if (code !== 'email') return { subject, text: filled(short, language, facts).map(plain(language)).join(' ') }
  const content = filled(lines, language, facts)
  const links = [
    ...(action !== undefined && facts.link !== undefined ? [{ label: action, url: facts.link }] : []),
  ].filter(({ url }) => isWebAddress(url))
  const { from, unsubscribe } = frames[language]
  const end = facts.clinic === undefined ? [] : [from(isolated(language, facts.clinic))]
  const stop = options.unsubscribe === undefined ? [] : [{ label: unsubscribe, url: options.unsubscribe }]
  const said = links.map(({ label, url }) => `${label}: ${url}`)
  const foot = [...end, ...stop.map(({ label, url }) => `${label}: ${url}`)]
  const text = [...content.map(plain(language)), ...said, ...(foot.length > 0 ? ['-- ', ...foot] : [])]
  return {
    subject,
    text: `${text.join('\n\n').replace('-- \n\n', '-- \n')}\n`,
    // Made where it is asked for: what is kept of an email is its text
    get html() {
      return mailPage({ language, subject, content, links, end, stop })
    },
  }
}

/** What people may be led to. */
function isWebAddress(url: string): boolean {
  return /^https?:$/.test(URL.parse(url)?.protocol ?? '')
}

function plain(language: MessageLanguage): (line: FilledLine) => string {
  return (line) => line.map(({ text, isFact }) => (isFact ? isolated(language, text) : text)).join('')
}

/** Letters that run against those around them are kept from mixing with them (Unicode Bidirectional Algorithm, FSI and PDI). */
function isolated(language: MessageLanguage, text: string): string {
  // An address must stay one for programs that make it a link
  if (URL.canParse(text)) return text
  const isForeign = language === 'ar' ? /[A-Za-z]/.test(text) : /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(text)
  return isForeign ? `\u2068${text}\u2069` : text
}
