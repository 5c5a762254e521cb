/** A search as asked: parameters with their values, and how the answer is wanted (R4 search.html). */
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { defaultLimits } from '../../kernel/limits.ts'
import type { Limits } from '../../kernel/limits.ts'
import { searchParametersOf } from '../../r4/search-parameters.ts'
import { handlingOf, singleParameter } from '../context.ts'
import { countOf } from '../count.ts'
import { CONTROLS, criterionOf } from './criterion.ts'
import type { Criterion } from './criterion.ts'
import { includeOf, isInclude } from './includes.ts'
import type { Include } from './includes.ts'
import { criterionBehind, linkOf } from './links.ts'
import type { Link } from './links.ts'
import { parseSort } from './sort.ts'
import type { SortRule } from './sort.ts'
import { subsetOf } from './subset.ts'
import type { Subset } from './subset.ts'

export interface SearchQuery {
  readonly type: string
  readonly criteria: readonly Criterion[]
  readonly links: readonly Link[]
  readonly includes: readonly Include[]
  readonly sort: readonly SortRule[]
  readonly count: number
  readonly subset: Subset
  readonly total: 'none' | 'estimate' | 'accurate'
  readonly page: string | undefined
  /** what lenient handling left out, each a sentence */
  readonly ignored: readonly string[]
}

export function parseQuery(request: FhirRequest, type: string, limits: Limits = defaultLimits): SearchQuery {
  const known = searchParametersOf(type)
  const ignored: string[] = []
  const lenient = handlingOf(request) === 'lenient'
  const links: Link[] = []
  const includes: Include[] = []
  const criteria = request.query.flatMap(([name, value]) => {
    if (CONTROLS.has(name)) return []
    try {
      if (isInclude(name)) {
        includes.push(includeOf(type, name, value))
        return []
      }
      const link = linkOf(type, name, value)
      if (link) links.push(link)
      return link ? [] : [criterionOf(type, name, value)]
    } catch (error) {
      const unknown = error instanceof GatewayError && error.code === 'GW_UNKNOWN_PARAMETER'
      // A modifier changes what a parameter means (R4 search.html#modifiers): without it the answer would be wrong
      if (!lenient || !unknown || name.includes(':')) throw error
      ignored.push(error.message)
      return []
    }
  })
  assertFewValues([...criteria, ...links.map(criterionBehind)], limits)
  const subset = subsetOf(request, type)
  return {
    type,
    criteria,
    links,
    includes,
    sort: parseSort(singleParameter(request, '_sort'), type, known),
    count: subset.summary === 'count' ? 0 : countOf(request, limits),
    total: totalOf(request),
    subset,
    page: singleParameter(request, '_page'),
    ignored,
  }
}

function assertFewValues(criteria: readonly Criterion[], { searchValues }: Limits): void {
  if (criteria.reduce((sum, { values }) => sum + values.length, 0) <= searchValues) return
  throw new GatewayError('GW_TOO_LARGE', `The search has more than ${searchValues} values.`)
}

function totalOf(request: FhirRequest): SearchQuery['total'] {
  const text = singleParameter(request, '_total') ?? 'accurate'
  if (text === 'none' || text === 'estimate' || text === 'accurate') return text
  throw new GatewayError('GW_BAD_REQUEST', '"_total" is one of none, estimate, accurate.')
}

/** The query as it ran, for the self link and to bind page tokens to. */
export function queryText({ type, criteria, links, includes, sort, count, total, subset }: SearchQuery): string {
  const parts = [...criteria, ...links, ...includes].map(({ text }) => text)
  if (sort.length > 0)
    parts.push(`_sort=${sort.map(({ code, direction }) => (direction < 0 ? `-${code}` : code)).join(',')}`)
  parts.push(`_count=${count}`)
  if (total !== 'accurate') parts.push(`_total=${total}`)
  if (subset.summary !== 'false') parts.push(`_summary=${subset.summary}`)
  if (subset.elements.length > 0) parts.push(`_elements=${subset.elements.join(',')}`)
  return `${type}?${parts.join('&')}`
}
