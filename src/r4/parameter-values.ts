/** What the values of a search parameter are in a resource type: their FHIR types, and the code systems they imply. */
import { elementPaths } from './element-paths.ts'
import { systemOf } from './required-codes.ts'
import type { SearchParameter } from './search-parameters.ts'

const specialValues = 'http://terminology.hl7.org/CodeSystem/special-values'

type Of<T> = (parameter: SearchParameter, resourceType: string) => T

/** Worked out when it is first asked: a parameter is what it is. */
function once<T>(of: Of<T>): Of<T> {
  const known = new WeakMap<SearchParameter, Map<string, T>>()
  return (parameter, resourceType) => {
    const byType = known.get(parameter) ?? new Map<string, T>()
    const value = byType.get(resourceType) ?? of(parameter, resourceType)
    known.set(parameter, byType.set(resourceType, value))
    return value
  }
}

export const valueTypesOf = once(({ expression }, resourceType): ReadonlySet<string> => {
  if (expression === undefined) return new Set()
  return new Set(elementPaths(expression, resourceType).map(({ type }) => type))
})

/** A `code` has no system beside it: its binding says it (R4 search.html#token, "implied by the underlying code system"). */
export function isImpliedSystem(system: string, parameter: SearchParameter, resourceType: string): boolean {
  return impliedSystems(parameter, resourceType).has(system)
}

const impliedSystems = once(({ expression }, resourceType): ReadonlySet<string> => {
  if (expression === undefined) return new Set()
  return new Set(
    elementPaths(expression, resourceType).flatMap(({ type, presence, binding }) => {
      if (presence || type === 'boolean') return [specialValues]
      return type === 'code' && binding !== undefined ? (systemOf(binding) ?? []) : []
    }),
  )
})
