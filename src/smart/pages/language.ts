/** In which language a page is shown: what was chosen on a page, what the app asks for, what the account has, what the browser reads. */
import { acceptedLanguages } from '../../http/languages.ts'
import type { Language } from './texts/texts.ts'
import { LANGUAGES } from './texts/texts.ts'

export interface Wishes {
  /** by the switch on a page */
  readonly chosen?: string | undefined
  /** OpenID Connect: language tags, best first, separated by spaces */
  readonly uiLocales?: string | undefined
  readonly account?: string | undefined
  /** Accept-Language */
  readonly accepted?: string | undefined
}

export function languageOf({ chosen, uiLocales, account, accepted }: Wishes): Language {
  const tags = [chosen ?? '', ...(uiLocales ?? '').split(' '), account ?? '', ...acceptedLanguages(accepted)]
  for (const tag of tags) {
    const found = LANGUAGES.find((each) => each === tag.toLowerCase().split('-')[0])
    if (found) return found
  }
  return 'en'
}
