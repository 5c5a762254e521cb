/** In which language a concept is shown (RFC 4647 lookup, over the display and the designations). */
import type { Entry } from './code-set.ts'

type Spoken = Pick<Entry, 'display' | 'designation' | 'language'>

/** What a code system does not say: HL7 writes in English. */
const DEFAULT = 'en'

/** Of an Accept-Language header (RFC 9110 §12.5.4): best first. */
export function acceptedLanguages(header: string | undefined): string[] {
  const weighed = (header ?? '').split(',').flatMap((part) => {
    const [range = '', ...parameters] = part.split(';').map((each) => each.trim())
    const weight = parameters.find((each) => /^q=/i.test(each))?.slice(2)
    const quality = weight === undefined ? 1 : Number(weight)
    return /^[a-z\d-]+$/i.test(range) && quality > 0 ? [{ range, quality }] : []
  })
  return weighed.sort((a, b) => b.quality - a.quality).map(({ range }) => range)
}

/** The display in the first of these languages that there is, else as the code system says it. */
export function displayIn(spoken: Spoken, languages: readonly string[]): string | undefined {
  for (const wanted of languages) {
    if (isOf(spoken.language ?? DEFAULT, wanted)) return spoken.display
    const designation = spoken.designation.find(({ language }) => language !== undefined && isOf(language, wanted))
    if (designation) return designation.value
  }
  return spoken.display
}

/** `ar` is wanted and there is `ar-EG`, or the other way round. */
export function isOf(language: string, wanted: string): boolean {
  const [there, asked] = [language.toLowerCase(), wanted.toLowerCase()]
  return there === asked || there.startsWith(`${asked}-`) || asked.startsWith(`${there}-`)
}
