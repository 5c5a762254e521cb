/** Which parameters of the registry this release can search and sort by; the CapabilityStatement lists the same. */
import type { SearchParameter } from '../../r4/search-parameters.ts'

/** Why a parameter of R4 is not there. */
const refused: Readonly<Record<string, string>> = {
  _query: 'There are no named queries here: write the search with other parameters.',
  phonetic:
    'Names are not found by how they sound here: search by "name", which knows no case, accents or spellings of Arabic.',
}

/** Of these the registry has no element to search in; they are served all the same. */
const withoutElements = new Set(['_text', '_content'])

export function isSearchable({ code, expression }: SearchParameter): boolean {
  return !Object.hasOwn(refused, code) && (expression !== undefined || withoutElements.has(code))
}

export function whyRefused(code: string): string | undefined {
  return Object.hasOwn(refused, code) ? refused[code] : undefined
}

const unordered = new Set(['composite', 'special'])

/** Words, places and what is two things are not what one would sort by. */
export function isSortable(parameter: SearchParameter): boolean {
  return isSearchable(parameter) && !unordered.has(parameter.type) && !withoutElements.has(parameter.code)
}
