/** The parameters that all of several types have: what a search of them together can ask (R4 http.html#search). */
import { GatewayError } from '../../kernel/errors.ts'
import { searchParametersOf } from '../../r4/search-parameters.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import { isSearchable } from './searchable.ts'

type Parameters = ReadonlyMap<string, SearchParameter>

const byTypes = new WeakMap<readonly string[], Parameters>()

/** By code, and of one kind in all types; as the first type has them. */
export function parametersOf(types: readonly string[]): Parameters {
  const [first = '', ...others] = types
  if (others.length === 0) return searchParametersOf(first)
  const known = byTypes.get(types)
  if (known) return known
  const maps = others.map(searchParametersOf)
  const isCommon = ({ code, type }: SearchParameter): boolean => maps.every((each) => each.get(code)?.type === type)
  const common = new Map([...searchParametersOf(first)].filter(([, parameter]) => isCommon(parameter)))
  byTypes.set(types, common)
  return common
}

/** `name`: of a parameter or chain; `_has` and `_filter` are of no type. */
export function assertCommon(types: readonly string[], name: string): void {
  if (types.length === 1 || name.startsWith('_has:') || name === '_filter') return
  const common = parametersOf(types)
  if (common.has(name.split(/[:.]/, 1)[0] as string)) return
  const codes = [...common.values()].filter(isSearchable).map(({ code }) => code)
  throw new GatewayError(
    'GW_UNKNOWN_PARAMETER',
    `Not all types that are asked have a search parameter "${name}"; all have ${codes.sort().join(', ')}.`,
  )
}
