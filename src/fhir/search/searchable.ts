/** Which parameters of the registry this release can search and sort by; the CapabilityStatement lists the same. */
import type { SearchParameter } from '../../r4/search-parameters.ts'

/** Why a parameter of R4 is not there. */
const refused: Readonly<Record<string, string>> = {
  _query: 'There are no named queries here: write the search with other parameters.',
  phonetic:
    'Names are not found by how they sound here: search by "name", which knows no case, accents or spellings of Arabic.',
  _text: 'Words are not searched here: the gateway would have to be started with ISTHMUS_SEARCH_WORDS=true.',
  _content: 'Words are not searched here: the gateway would have to be started with ISTHMUS_SEARCH_WORDS=true.',
}

/** Of these the registry has no element to search in; where they are in it, they are served. */
const withoutElements = new Set(['_text', '_content'])

export function isSearchable({ code, expression }: SearchParameter): boolean {
  return withoutElements.has(code) || (expression !== undefined && !Object.hasOwn(refused, code))
}

export function whyRefused(code: string): string | undefined {
  return Object.hasOwn(refused, code) ? refused[code] : undefined
}

const unordered = new Set(['composite', 'special'])

/** Words, places and what is two things are not what one would sort by. */
export function isSortable(parameter: SearchParameter): boolean {
  return isSearchable(parameter) && !unordered.has(parameter.type) && !withoutElements.has(parameter.code)
}
