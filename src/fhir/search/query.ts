/** A search as asked: parameters with their values, and how the answer is wanted (R4 search.html). */
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { searchParametersOf } from '../../r4/search-parameters.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import { GENERAL_PARAMETERS, handlingOf, singleParameter } from '../context.ts'
import { countOf } from '../count.ts'
import { encodeValue, splitValues } from './query-text.ts'
import { isSearchable } from './searchable.ts'
import { parseSort } from './sort.ts'
import type { SortRule } from './sort.ts'
import { modifiersOf } from './types/index.ts'

/** One parameter: all its values are alternatives, all parameters must hold. */
export interface Criterion {
  readonly parameter: SearchParameter
  readonly modifier?: string
  readonly values: readonly string[]
  /** as it stands in the self link */
  readonly text: string
}

export interface SearchQuery {
  readonly type: string
  readonly criteria: readonly Criterion[]
  readonly sort: readonly SortRule[]
  readonly count: number
  readonly total: 'none' | 'estimate' | 'accurate'
  readonly page: string | undefined
  /** what lenient handling left out, each a sentence */
  readonly ignored: readonly string[]
}

const CONTROLS = new Set(['_count', '_sort', '_total', '_page', ...GENERAL_PARAMETERS])
/** Of one parameter, and of all together: what more would take is not worth asking at once. */
const VALUES = 100
const ALL_VALUES = 250

export function parseQuery(request: FhirRequest, type: string): SearchQuery {
  const known = searchParametersOf(type)
  const ignored: string[] = []
  const lenient = handlingOf(request) === 'lenient'
  const criteria = request.query.flatMap(([name, value]) => {
    if (CONTROLS.has(name)) return []
    try {
      return [criterionOf(type, known, name, value)]
    } catch (error) {
      const unknown = error instanceof GatewayError && error.code === 'GW_UNKNOWN_PARAMETER'
      // A modifier changes what a parameter means (R4 search.html#modifiers): without it the answer would be wrong
      if (!lenient || !unknown || name.includes(':')) throw error
      ignored.push(error.message)
      return []
    }
  })
  if (criteria.reduce((sum, { values }) => sum + values.length, 0) > ALL_VALUES) {
    throw new GatewayError('GW_TOO_LARGE', `The search has more than ${ALL_VALUES} values.`)
  }
  return {
    type,
    criteria,
    sort: parseSort(singleParameter(request, '_sort'), type, known),
    count: countOf(request),
    total: totalOf(request),
    page: singleParameter(request, '_page'),
    ignored,
  }
}

function criterionOf(
  type: string,
  known: ReadonlyMap<string, SearchParameter>,
  name: string,
  value: string,
): Criterion {
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
    text: `${encodeURIComponent(name).replaceAll('%3A', ':')}=${encodeValue(value)}`,
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
  const codes = [...known.values()].filter(isSearchable).map(({ code }) => code)
  const list = [...codes, ...CONTROLS]
    .filter((code) => code !== '_page')
    .sort()
    .join(', ')
  return new GatewayError('GW_UNKNOWN_PARAMETER', `${type} has no search parameter "${name}"; known are ${list}.`)
}

function totalOf(request: FhirRequest): SearchQuery['total'] {
  const text = singleParameter(request, '_total') ?? 'accurate'
  if (text === 'none' || text === 'estimate' || text === 'accurate') return text
  throw new GatewayError('GW_BAD_REQUEST', '"_total" is one of none, estimate, accurate.')
}

/** The query as it ran, for the self link and to bind page tokens to. */
export function queryText({ type, criteria, sort, count, total }: SearchQuery): string {
  const parts = criteria.map(({ text }) => text)
  if (sort.length > 0)
    parts.push(`_sort=${sort.map(({ code, direction }) => (direction < 0 ? `-${code}` : code)).join(',')}`)
  parts.push(`_count=${count}`)
  if (total !== 'accurate') parts.push(`_total=${total}`)
  return `${type}?${parts.join('&')}`
}
