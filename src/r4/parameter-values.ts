/** The FHIR types of the values a search parameter has in a resource type: `Identifier`, `CodeableConcept`. */
import { elementPaths } from './element-paths.ts'
import type { SearchParameter } from './search-parameters.ts'

export function valueTypesOf({ expression = '' }: SearchParameter, resourceType: string): ReadonlySet<string> {
  return new Set(elementPaths(expression, resourceType).map(({ type }) => type))
}
