/** A search as asked: parameters with their values, and how the answer is wanted (R4 search.html). */
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { defaultLimits } from '../../kernel/limits.ts'
import type { Limits } from '../../kernel/limits.ts'
import { handlingOf, singleParameter } from '../context.ts'
import { countOf } from '../count.ts'
import { CONTROLS, criterionOf } from './criterion.ts'
import type { Criterion } from './criterion.ts'
import { includeOf, isInclude } from './includes.ts'
import type { Include } from './includes.ts'
import { filterOf } from './filter/filter.ts'
import { isLink, linkOf, valuesBehind } from './links.ts'
import type { Link } from './links.ts'
import { assertCommon } from './parameters.ts'
import type { Scope } from './scope.ts'
import { parseSort } from './sort.ts'
import type { SortRule } from './sort.ts'
import { subsetOf } from './subset.ts'
import type { Subset } from './subset.ts'

export interface SearchQuery {
  readonly scope: Scope
  /** the same of every type, as each has it */
  readonly wanted: readonly Wanted[]
  readonly includes: readonly Include[]
  readonly sort: readonly SortRule[]
  readonly count: number
  readonly subset: Subset
  /** undefined: as long as counting takes little */
  readonly total: 'none' | 'estimate' | 'accurate' | undefined
  readonly page: string | undefined
  /** what lenient handling left out, each a sentence */
  readonly ignored: readonly string[]
}

/** What resources of one type must be. */
export interface Wanted {
  readonly type: string
  readonly criteria: readonly Criterion[]
  readonly links: readonly Link[]
}

/** A chain asks each type for itself. */
const MOST_LINKED_TYPES = 10

export function parseQuery(request: FhirRequest, scope: Scope, limits: Limits = defaultLimits): SearchQuery {
  const ignored: string[] = []
  const lenient = handlingOf(request) === 'lenient'
  const includes: Include[] = []
  const asked = request.query.filter(([name]) => !CONTROLS.has(name) && !(scope.choosing && name === '_type'))
  const parsed = asked.flatMap(([name, value]) => {
    try {
      if (!isInclude(name)) return [askedOf(scope.types, name, value)]
      includes.push(includeOf(scope.types, name, value))
    } catch (error) {
      const unknown = error instanceof GatewayError && error.code === 'GW_UNKNOWN_PARAMETER'
      // A modifier changes what a parameter means (R4 search.html#modifiers): without it the answer would be wrong
      if (!lenient || !unknown || name.includes(':')) throw error
      ignored.push(error.message)
    }
    return []
  })
  const subset = subsetOf(request, scope.types)
  assertFewValues(
    parsed.map(([first]) => first as Criterion | Link),
    limits,
  )
  assertFits(subset, includes)
  return {
    scope,
    wanted: scope.types.map((type, index) =>
      wantedOf(
        type,
        parsed.map((each) => each[index] as Criterion | Link),
      ),
    ),
    includes,
    sort: parseSort(singleParameter(request, '_sort'), scope.types, nameOf(scope)),
    count: subset.summary === 'count' ? 0 : countOf(request, limits),
    total: totalOf(request),
    subset,
    page: singleParameter(request, '_page'),
    ignored,
  }
}

const CONTAINED = 'Contained resources are found as parts of what contains them: search without _contained.'

/** What a parameter asks of each type. */
function askedOf(types: readonly string[], name: string, value: string): (Criterion | Link)[] {
  if (/^_contained(Type)?$/.test(name)) throw new GatewayError('GW_UNKNOWN_PARAMETER', CONTAINED)
  assertCommon(types, name)
  const asked = types.map((type) => linkOrCriterion(type, name, value))
  if (types.length <= MOST_LINKED_TYPES || !asked.some(isLink)) return asked
  throw new GatewayError(
    'GW_BAD_REQUEST',
    `"${name}" is asked of ${types.length} types: name at most ${MOST_LINKED_TYPES} in _type.`,
  )
}

function linkOrCriterion(type: string, name: string, value: string): Criterion | Link {
  if (name === '_filter') return filterOf(type, value)
  return linkOf(type, name, value) ?? criterionOf(type, name, value)
}

function wantedOf(type: string, asked: readonly (Criterion | Link)[]): Wanted {
  return { type, criteria: asked.filter((each): each is Criterion => !isLink(each)), links: asked.filter(isLink) }
}

function nameOf({ types }: Scope): string {
  return types.length === 1 ? (types[0] as string) : 'A search of these types'
}

function assertFewValues(asked: readonly (Criterion | Link)[], { searchValues }: Limits): void {
  if (asked.reduce((sum, each) => sum + valuesBehind(each), 0) <= searchValues) return
  throw new GatewayError('GW_TOO_LARGE', `The search has more than ${searchValues} values.`)
}

/** R4 search.html#summary: includes cannot be mixed with the text alone. */
function assertFits({ summary }: Subset, includes: readonly Include[]): void {
  if (summary !== 'text' || includes.length === 0) return
  throw new GatewayError('GW_BAD_REQUEST', '"_summary=text" takes no "_include" and no "_revinclude".')
}

function totalOf(request: FhirRequest): SearchQuery['total'] {
  const text = singleParameter(request, '_total')
  if (text === undefined || text === 'none' || text === 'estimate' || text === 'accurate') return text
  throw new GatewayError('GW_BAD_REQUEST', '"_total" is one of none, estimate, accurate.')
}

/** The query as it ran, for the self link and to bind page tokens to. */
export function queryText({ scope, wanted, includes, sort, count, total, subset }: SearchQuery): string {
  const parts = scope.chosen === undefined ? [] : [`_type=${scope.chosen}`]
  const [first] = wanted
  parts.push(...[...(first?.criteria ?? []), ...(first?.links ?? []), ...includes].map(({ text }) => text))
  if (sort.length > 0)
    parts.push(`_sort=${sort.map(({ code, direction }) => (direction < 0 ? `-${code}` : code)).join(',')}`)
  parts.push(`_count=${count}`)
  if (total !== undefined) parts.push(`_total=${total}`)
  if (subset.summary !== 'false') parts.push(`_summary=${subset.summary}`)
  if (subset.elements.length > 0) parts.push(`_elements=${subset.elements.join(',')}`)
  return `${scope.path}?${parts.join('&')}`
}
