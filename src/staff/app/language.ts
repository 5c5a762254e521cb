/** The `lang` header: 1 or `ar` is Arabic; anything else is English. */
import type { Language } from './words.ts'

export function languageOf(header: string | undefined): Language {
  const text = (header ?? '').trim().toLowerCase()
  return text === 'ar' || (/^\+?\d+(\.\d+)?$/.test(text) && Number(text) === 1) ? 1 : 0
}
