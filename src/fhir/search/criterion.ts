/** One parameter of a search with its modifier and values; refused when the type does not have it. */
import { GatewayError } from '../../kernel/errors.ts'
import { searchParametersOf } from '../../r4/search-parameters.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import { GENERAL_PARAMETERS } from '../context.ts'
import { encodeName, encodeValue, splitValues } from './query-text.ts'
import { isSearchable, whyRefused } from './searchable.ts'
import { modifiersOf } from './types/index.ts'

/** One parameter: all its values are alternatives, all parameters must hold. */
export interface Criterion {
  readonly parameter: SearchParameter
  readonly modifier?: string
  readonly values: readonly string[]
  /** as it stands in the self link */
  readonly text: string
}

/** Parameters that say how the answer is wanted. */
export const CONTROLS = new Set(['_count', '_sort', '_total', '_page', '_summary', '_elements', ...GENERAL_PARAMETERS])
const VALUES = 100

export function criterionOf(type: string, name: string, value: string): Criterion {
  const known = searchParametersOf(type)
  const [code = '', modifier] = name.split(/:(.*)/s)
  const parameter = known.get(code)
  if (!parameter || !isSearchable(parameter)) throw unknownParameter(type, known, name)
  if (modifier !== undefined) assertModifier(parameter, modifier, type)
  const values = splitValues(value)
  if (values.length > VALUES) throw new GatewayError('GW_TOO_LARGE', `"${code}" has more than ${VALUES} values.`)
  if (values.some((each) => each === '')) throw new GatewayError('GW_BAD_REQUEST', `"${code}" has an empty value.`)
  return {
    parameter,
    ...(modifier !== undefined && { modifier }),
    values,
    text: `${encodeName(name)}=${encodeValue(value)}`,
  }
}

function assertModifier(parameter: SearchParameter, modifier: string, type: string): void {
  const known = modifiersOf(parameter, type)
  if (known.includes(modifier)) return
  const list = known.map((each) => `:${each}`).join(', ')
  throw new GatewayError(
    'GW_UNKNOWN_PARAMETER',
    `"${parameter.code}" has no modifier ":${modifier}"; known are ${list}.`,
  )
}

function unknownParameter(type: string, known: ReadonlyMap<string, SearchParameter>, name: string): GatewayError {
  const code = name.replace(/:.*/s, '')
  const reason = known.has(code) || code.startsWith('_') ? whyRefused(code) : undefined
  if (reason !== undefined) return new GatewayError('GW_UNKNOWN_PARAMETER', reason)
  const codes = [...known.values()].filter(isSearchable).map((each) => each.code)
  const list = [...codes, ...CONTROLS, '_include', '_revinclude', '_has', '_list', '_filter']
    .filter((code) => code !== '_page')
    .sort()
    .join(', ')
  return new GatewayError('GW_UNKNOWN_PARAMETER', `${type} has no search parameter "${name}"; known are ${list}.`)
}
