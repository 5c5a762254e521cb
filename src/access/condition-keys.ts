/**
 * What resources are found by that fit a condition of a granular scope: search keys, any of which is enough.
 *
 * Only what can be told of keys alone, and so holds for reads, writes and versions alike: codes (`category=laboratory`,
 * with or without their system) and references (`encounter=Encounter/1`). Modifiers, chains, `_filter`, comparisons and
 * texts are refused, as are parameters that the type does not have.
 */
import { systemKey, tokenKey, uriKey } from '../r4/keys/text.ts'
import { isImpliedSystem } from '../r4/parameter-values.ts'
import { parseReference } from '../r4/references.ts'
import { searchParametersOf } from '../r4/search-parameters.ts'
import type { SearchParameter } from '../r4/search-parameters.ts'

/** Their values are no keys. */
const NO_KEYS = new Set(['_id', '_text', '_content'])

/** Undefined where the condition is not understood. */
export function conditionKeys(type: string, [name, value]: readonly [string, string]): string[] | undefined {
  const parameter = searchParametersOf(type).get(name)
  // A backslash escapes commas and bars: nobody needs those in a scope
  if (!parameter || NO_KEYS.has(name) || value.includes('\\')) return undefined
  const keys = value.split(',').map((each) => keysOf(type, parameter, each))
  return keys.some((each) => each.length === 0) ? undefined : keys.flat()
}

/** None: such a value is not understood. */
function keysOf(type: string, parameter: SearchParameter, value: string): string[] {
  if (parameter.type === 'token' && parameter.expression !== undefined) return tokenKeys(type, parameter, value)
  if (parameter.type === 'reference') return referenceKeys(parameter, value)
  return []
}

/** `code`, `system|code`, `|code`, `system|` (R4 search.html#token). */
function tokenKeys(type: string, parameter: SearchParameter, value: string): string[] {
  const { code } = parameter
  const [first = '', second, ...more] = value.split('|')
  if (more.length > 0 || first === '*' || second === '*') return []
  if (second === undefined) return first === '' ? [] : [tokenKey(code, undefined, first)]
  if (second === '') return first === '' ? [] : [systemKey(code, first)]
  const key = tokenKey(code, first, second)
  return isImpliedSystem(first, parameter, type) ? [key, tokenKey(code, '', second)] : [key]
}

/** `Encounter/1` */
function referenceKeys({ code, target = [] }: SearchParameter, value: string): string[] {
  const literal = parseReference(value)
  const isOurs = literal?.base === '' && literal.version === undefined && target.includes(literal.type)
  return isOurs ? [uriKey(code, value)] : []
}
