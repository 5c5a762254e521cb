/** Which parameters of the registry this release can search by; the CapabilityStatement lists the same. */
import type { SearchParameter } from '../../r4/search-parameters.ts'

/** `_id` and `_lastUpdated` have no search keys: they are fields of the stored document. */
export function isSearchable({ code, searchable }: SearchParameter): boolean {
  return searchable || code === '_id' || code === '_lastUpdated'
}
