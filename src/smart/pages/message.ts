/** Pages that say one thing: what went wrong, what is done, where it goes on. */
import type { Target } from './form.ts'
import { button, form, notice } from './form.ts'
import type { Frame } from './layout.ts'
import { layout } from './layout.ts'
import { markup } from './markup.ts'
import type { Texts } from './texts/en.ts'
import { textsOf } from './texts/texts.ts'

export type Trouble =
  'expired' | 'foreign' | 'forbidden' | 'launchUsed' | 'requestRefused' | 'unexpected' | 'noRecords' | 'noEncounters'

interface More {
  /** for the people who make the app, in words of the protocol; never what was sent */
  readonly detail?: string
  /** the way back to the app */
  readonly cancel?: Target
}

export function troublePage(frame: Frame, trouble: Trouble, { detail, cancel }: More = {}): string {
  const texts = textsOf(frame.language)
  const { title, sentence } = troubleTexts(texts, trouble)
  const content = markup`${notice('error', sentence)}
    ${detail !== undefined && markup`<p class="soft" dir="ltr" lang="en">${detail}</p>`}
    ${cancel && form(cancel, button(texts.login.cancel, 'plain'))}`
  return layout(frame, { title, failed: true, content })
}

function troubleTexts({ message, picker }: Texts, trouble: Trouble): { title: string; sentence: string } {
  switch (trouble) {
    case 'expired':
      return { title: message.expiredTitle, sentence: message.expired }
    case 'foreign':
      return { title: message.foreignTitle, sentence: message.foreign }
    case 'forbidden':
      return { title: message.forbiddenTitle, sentence: message.forbidden }
    case 'noRecords':
    case 'noEncounters':
      return { title: message.errorTitle, sentence: picker[trouble] }
    default:
      return { title: message.errorTitle, sentence: message[trouble] }
  }
}

export function signedOutPage(frame: Frame): string {
  const texts = textsOf(frame.language).message
  return layout(frame, { title: texts.doneTitle, content: notice('done', texts.signedOut) })
}

/**
 * Ends what a form began and goes on by itself: a redirect straight from the form would be held to the forms' policy
 * all the way through the app's own redirects.
 */
export function goingOnPage(frame: Frame, href: string): string {
  const texts = textsOf(frame.language).message
  const content = markup`<p>${texts.goingOn}</p><a class="button main" href="${href}">${texts.goOn}</a>`
  return layout(frame, { title: texts.goingOnTitle, goesOnTo: href, content })
}
