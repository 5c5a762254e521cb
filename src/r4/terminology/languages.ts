/** In which language a concept is shown (RFC 4647 lookup, over the display and the designations). */
import type { Entry } from './code-set.ts'

type Spoken = Pick<Entry, 'display' | 'designation' | 'language'>

/** What a code system does not say: HL7 writes in English. */
const DEFAULT = 'en'

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
