/** The languages that messages are written in. */
export type MessageLanguage = 'en' | 'ar'

const ARABIC = /^ar\b/i

/** Of a BCP 47 tag (Patient.communication, a setting of the clinic): Arabic of whichever country, else English. */
export function messageLanguage(tag: string | undefined): MessageLanguage {
  return tag !== undefined && ARABIC.test(tag) ? 'ar' : 'en'
}
