/** By which parameters a code is looked for in resources. */
import { resourceTypes } from '../r4/elements.ts'
import type { ParameterSet } from '../r4/search-parameters.ts'
import { parametersInUse, searchParametersOf } from '../r4/search-parameters.ts'

/**
 * Those of the type, or with those of all types, which are the same for most: so one predicate does for many types. No type
 * has keys of a parameter that is another type's.
 */
export type CodeForm = 'own' | 'common'

export function codedParameters(type: string, form: CodeForm): string[] {
  const own = tokensOf(type)
  if (form === 'own') return own
  const common = commonTokens()
  return [...common, ...own.filter((code) => !common.has(code))]
}

function tokensOf(type: string): string[] {
  const parameters = [...searchParametersOf(type).values()]
  return parameters.filter((each) => each.type === 'token' && each.expression !== undefined).map(({ code }) => code)
}

const known = new WeakMap<ParameterSet, ReadonlySet<string>>()

/** Tokens in every type that has a parameter of the name: of others, `performer=…` may be a reference. */
function commonTokens(): ReadonlySet<string> {
  const inUse = parametersInUse()
  let common = known.get(inUse)
  if (!common) {
    const all = resourceTypes.flatMap((type) => [...searchParametersOf(type).values()])
    const others = new Set(all.filter((each) => each.type !== 'token').map(({ code }) => code))
    known.set(inUse, (common = new Set(resourceTypes.flatMap(tokensOf)).difference(others)))
  }
  return common
}
