/** The languages of the pages, and what the pages say in each. */
import { ar } from './ar.ts'
import { en } from './en.ts'
import type { Texts } from './en.ts'

export const LANGUAGES = ['en', 'ar'] as const
export type Language = (typeof LANGUAGES)[number]

/** How a language calls itself, and where its lines begin. */
export const languageNames: Readonly<Record<Language, { readonly name: string; readonly dir: 'ltr' | 'rtl' }>> = {
  en: { name: 'English', dir: 'ltr' },
  ar: { name: 'العربية', dir: 'rtl' },
}

const texts: Readonly<Record<Language, Texts>> = { en, ar }

export function textsOf(language: Language): Texts {
  return texts[language]
}
