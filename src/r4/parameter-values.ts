/** What the values of a search parameter are in a resource type: their FHIR types, and the code systems they imply. */
import { elementPaths } from './element-paths.ts'
import { systemOf } from './required-codes.ts'
import type { SearchParameter } from './search-parameters.ts'

const specialValues = 'http://terminology.hl7.org/CodeSystem/special-values'

export function valueTypesOf({ expression }: SearchParameter, resourceType: string): ReadonlySet<string> {
  if (expression === undefined) return new Set()
  return new Set(elementPaths(expression, resourceType).map(({ type }) => type))
}

/** A `code` has no system beside it: its binding says it (R4 search.html#token, "implied by the underlying code system"). */
export function isImpliedSystem(system: string, { expression }: SearchParameter, resourceType: string): boolean {
  if (expression === undefined) return false
  return elementPaths(expression, resourceType).some(({ type, presence, binding }) => {
    if (presence || type === 'boolean') return system === specialValues
    return type === 'code' && binding !== undefined && systemOf(binding) === system
  })
}
