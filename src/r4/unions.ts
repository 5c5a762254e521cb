/**
 * Parameters that are others together: `combo-code` of Observation is `code` and `component-code`. They have no keys of
 * their own; a search by one asks the others.
 */
import { componentsOf } from './components.ts'
import { elementPaths } from './element-paths.ts'
import { type SearchParameter, searchParametersOf } from './search-parameters.ts'

type Members = ReadonlyMap<string, readonly SearchParameter[]>

const byParameters = new WeakMap<ReadonlyMap<string, SearchParameter>, Members>()

/** What the parameter is looked up by: mostly itself. */
export function membersOf(parameter: SearchParameter, type: string): readonly SearchParameter[] {
  return unionsOf(type).get(parameter.code) ?? [parameter]
}

/** The unions of a resource type by code. */
export function unionsOf(type: string): Members {
  const parameters = searchParametersOf(type)
  const known = byParameters.get(parameters)
  if (known !== undefined) return known
  const placed = [...parameters.values()]
    .filter(({ url }) => url.startsWith('http://hl7.org/fhir/'))
    .map((parameter): Placed => ({ parameter, places: placesOf(parameter, type) }))
  const unions = new Map(placed.flatMap((each) => unionOf(each, placed)))
  byParameters.set(parameters, unions)
  return unions
}

interface Placed {
  readonly parameter: SearchParameter
  /** Where its values are, each place as a text. */
  readonly places: ReadonlySet<string>
}

function unionOf({ parameter, places }: Placed, all: readonly Placed[]): [string, SearchParameter[]][] {
  if (places.size < 2) return []
  const members = all.filter(
    (each) =>
      each.parameter.type === parameter.type &&
      each.places.size > 0 &&
      each.places.size < places.size &&
      each.places.isSubsetOf(places),
  )
  const covered = new Set(members.flatMap((each) => [...each.places]))
  return covered.size === places.size ? [[parameter.code, members.map((each) => each.parameter)]] : []
}

/** References stay as they are: includes read their keys. */
function placesOf(parameter: SearchParameter, type: string): ReadonlySet<string> {
  const { type: kind, expression } = parameter
  if (expression === undefined || kind === 'reference' || kind === 'special') return new Set()
  const parts =
    componentsOf(parameter, type)
      ?.map((each) => `${each.type} ${each.expression}`)
      .join(' $ ') ?? ''
  const paths = elementPaths(expression, type)
  return new Set(
    paths.map(({ steps, type: valueType, presence }) => {
      const names = steps.map(({ name, index, condition }) => `${name}[${index ?? ''}](${condition?.text ?? ''})`)
      return [...names, valueType, presence, parts].join('.')
    }),
  )
}
