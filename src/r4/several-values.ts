/**
 * Whether a resource may have several values of a parameter to sort by, as far as R4 says: of most dates and of a status
 * there is one. It decides how a descending order is had (src/fhir/search/sort.ts), not what is in it.
 */
import { type ElementPath, elementPaths } from './element-paths.ts'
import { elementsOf } from './elements.ts'
import type { SearchParameter } from './search-parameters.ts'
import { membersOf } from './unions.ts'

/** One value of these has several keys; and each text may be there in several languages. */
const manifold = new Set(['CodeableConcept', 'HumanName', 'Address', 'string', 'markdown'])

const known = new WeakMap<SearchParameter, Map<string, boolean>>()

export function mayHaveSeveral(parameter: SearchParameter, type: string): boolean {
  const byType = known.get(parameter) ?? new Map<string, boolean>()
  const answer = byType.get(type) ?? hasSeveral(parameter, type)
  known.set(parameter, byType.set(type, answer))
  return answer
}

function hasSeveral(parameter: SearchParameter, type: string): boolean {
  const paths = membersOf(parameter, type).flatMap(({ expression = '' }) => elementPaths(expression, type))
  if (paths.some(({ presence }) => presence)) return false
  const places = paths.map((path) => placeOf(path, type))
  return new Set(places).size > 1 || places.includes(undefined) || paths.some((path) => manifold.has(path.type))
}

/** The names of one choice are one place; undefined: it is more than one. */
function placeOf({ steps }: ElementPath, type: string): string | undefined {
  let of = type
  const names: string[] = []
  for (const { name, index } of steps) {
    const element = elementsOf(of)?.get(name)
    if (!element || (element.array && index === undefined)) return undefined
    names.push(element.choice ?? name)
    of = element.type
  }
  return names.join('.')
}
