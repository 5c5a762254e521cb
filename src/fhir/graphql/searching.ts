/** Searches of a GraphQL query: each is the search that REST does; those of one turn go to MongoDB together. */
import { GatewayError } from '../../kernel/errors.ts'
import { searchParametersOf } from '../../r4/search-parameters.ts'
import { allowed } from '../access.ts'
import type { Link } from '../bundle.ts'
import { searched } from '../interactions/search.ts'
import type { Searched } from '../interactions/search.ts'
import { linksOf } from '../paging.ts'
import { referrersOf } from '../search/reference-parameters.ts'
import { typeScope } from '../search/scope.ts'
import { argumentName } from './arguments.ts'
import type { Json, QueryContext } from './resource.ts'
import { resourceOf } from './resource.ts'

type Given = Readonly<Record<string, unknown>>
type Pair = readonly [string, string]

const CONTROLS = new Map([
  ['_count', '_count'],
  ['_sort', '_sort'],
  ['_total', '_total'],
  ['_cursor', '_page'],
])

export async function searchList(context: QueryContext, type: string, given: Given): Promise<Json[]> {
  const { matches } = await searchFor(context, type, pairsOf(type, given))
  return matches.map(resourceOf)
}

/** `type`: of the resource that is pointed at. */
export async function searchReferrers(
  context: QueryContext,
  by: string,
  { source, type, _reference, ...given }: Given & { readonly source: Json; readonly type: string },
): Promise<Json[]> {
  const referrer = referrersOf(type).find(({ type: from, code }) => from === by && argumentName(code) === _reference)
  if (!referrer) {
    const codes = referrersOf(type).flatMap((each) => (each.type === by ? argumentName(each.code) : []))
    const sentence = `${by} points at ${type} by ${codes.join(', ')}: name one of them in _reference.`
    throw new GatewayError('GW_UNKNOWN_PARAMETER', sentence)
  }
  const { matches } = await searchFor(context, by, [
    [referrer.code, `${type}/${String(source['id'])}`],
    ...pairsOf(by, given),
  ])
  return matches.map(resourceOf)
}

export async function searchConnection(context: QueryContext, type: string, given: Given): Promise<object> {
  const { query, text, paged, total, matches } = await searchFor(context, type, pairsOf(type, given))
  const links = linksOf(context, text, paged)
  return {
    count: total,
    pagesize: query.count,
    first: cursorOf(links, 'first'),
    previous: cursorOf(links, 'previous'),
    next: cursorOf(links, 'next'),
    edges: matches.map((match) => ({ mode: 'match', resource: resourceOf(match) })),
  }
}

async function searchFor(context: QueryContext, type: string, query: Pair[]): Promise<Searched> {
  const { request } = context
  const own = allowed(context, { letter: 's', types: [type] })
  const asked = { ...own, request: { ...request, path: [type], query } }
  return searched(asked, typeScope(type), ({ count }) => context.budget.spend(count))
}

/** Every parameter that GraphQL spells with `_` is the one that FHIR spells with `-`. */
function pairsOf(type: string, given: Given): Pair[] {
  const codes = new Map([...searchParametersOf(type).keys()].map((code) => [argumentName(code), code]))
  return Object.entries(given).flatMap(([name, value]) => {
    const code = CONTROLS.get(name) ?? codes.get(name) ?? name
    return [value].flat().flatMap((each): Pair[] => (each === null ? [] : [[code, String(each as string | number)]]))
  })
}

function cursorOf(links: readonly Link[], relation: Link['relation']): string | undefined {
  const url = links.find((link) => link.relation === relation)?.url
  return url && (new URL(url).searchParams.get('_page') ?? undefined)
}
