/** What the values of a search parameter are in a resource type: their FHIR types, and the code systems they imply. */
import { elementPaths } from './element-paths.ts'
import { systemOf } from './required-codes.ts'
import type { SearchParameter } from './search-parameters.ts'

const specialValues = 'http://terminology.hl7.org/CodeSystem/special-values'

export function valueTypesOf({ expression }: SearchParameter, resourceType: string): ReadonlySet<string> {
  if (expression === undefined) return new Set()
  return new Set(elementPaths(expression, resourceType).map(({ type }) => type))
}

const implied = new WeakMap<SearchParameter, Map<string, ReadonlySet<string>>>()

/** A `code` has no system beside it: its binding says it (R4 search.html#token, "implied by the underlying code system"). */
export function isImpliedSystem(system: string, parameter: SearchParameter, resourceType: string): boolean {
  const byType = implied.get(parameter) ?? new Map<string, ReadonlySet<string>>()
  const systems = byType.get(resourceType) ?? impliedSystems(parameter, resourceType)
  implied.set(parameter, byType.set(resourceType, systems))
  return systems.has(system)
}

function impliedSystems({ expression }: SearchParameter, resourceType: string): ReadonlySet<string> {
  if (expression === undefined) return new Set()
  return new Set(
    elementPaths(expression, resourceType).flatMap(({ type, presence, binding }) => {
      if (presence || type === 'boolean') return [specialValues]
      return type === 'code' && binding !== undefined ? (systemOf(binding) ?? []) : []
    }),
  )
}
