/** What a letter says to its recipient, in their language. */
import type { Resource } from '@medplum/fhirtypes'
import type { ChannelCode } from '../../channels/channel.ts'
import type { Facts } from '../../channels/filled.ts'
import type { MessageLanguage } from '../../channels/language.ts'
import { messageLanguage } from '../../channels/language.ts'
import type { Rendered } from '../../channels/render.ts'
import { render } from '../../channels/render.ts'
import type { Letter } from './post.ts'

export interface Wished {
  readonly code: ChannelCode
  /** instead of the recipient's */
  readonly language?: MessageLanguage
  /** address under which no more of it can be asked for */
  readonly unsubscribe?: string | undefined
}

export function worded(letter: Letter, { code, language = languageOf(letter), unsubscribe }: Wished): Rendered {
  const { template: kind, facts, recipient, own } = letter
  const locale = localeOf(recipient)
  const known = { zone: 'UTC', ...(locale !== undefined && { locale }), ...facts } as Facts
  const more = { ...(unsubscribe !== undefined && { unsubscribe }), ...(own && { own }) }
  return render({ kind, language, facts: known, code, ...more })
}

export function languageOf({ recipient, language }: Pick<Letter, 'recipient' | 'language'>): MessageLanguage {
  const locale = localeOf(recipient)
  return locale === undefined ? language : messageLanguage(locale)
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
