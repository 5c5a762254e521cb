/** Which parameters of the registry this release can search and sort by; the CapabilityStatement lists the same. */
import type { SearchParameter } from '../../r4/search-parameters.ts'

/** `_id` and `_lastUpdated` have no search keys: they are fields of the stored document. */
const ownFields = new Set(['_id', '_lastUpdated'])

export function isSearchable({ code, type, expression }: SearchParameter): boolean {
  return ownFields.has(code) || (expression !== undefined && type !== 'special')
}

/** A composite is two things: neither is what one would sort by. */
export function isSortable(parameter: SearchParameter): boolean {
  return isSearchable(parameter) && parameter.type !== 'composite'
}
