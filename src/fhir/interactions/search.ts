/**
 * search of a type, a compartment or everything: a searchset Bundle of stored texts, paged by key, all pages of one
 * moment (https://hl7.org/fhir/R4/http.html#search).
 */
import { mayAsk } from '../../access/allowed.ts'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON, outcomeText } from '../../http/outcome.ts'
import type { Found, MomentReader } from '../../store/search-reader.ts'
import { bundleBytes, includeEntry, matchEntry, outcomeEntry } from '../bundle.ts'
import { handlingOf } from '../context.ts'
import type { FhirContext } from '../context.ts'
import type { PageMark } from '../page-token.ts'
import type { Paged } from '../paging.ts'
import { atMarked, linksOf, markOf, nextToken } from '../paging.ts'
import { assertBuilt, onlyBuilt } from '../search/building.ts'
import { includedWith } from '../search/included.ts'
import type { LinkContext } from '../search/linked.ts'
import { matchPage } from '../search/match-page.ts'
import type { MatchPage } from '../search/match-page.ts'
import { matchesOf } from '../search/matches.ts'
import type { Matches } from '../search/matches.ts'
import { parseQuery, queryText } from '../search/query.ts'
import type { SearchQuery } from '../search/query.ts'
import type { Scope } from '../search/scope.ts'
import { subsetText } from '../search/subset.ts'
import { notFound } from './read.ts'

type Context = LinkContext & Pick<FhirContext, 'building'> & { readonly reader: MomentReader }

/** What a search found, and how its pages hang together. */
export interface Searched extends Result {
  readonly query: SearchQuery
  /** the query as it ran */
  readonly text: string
  readonly paged: Paged
}

interface Result extends MatchPage {
  readonly included: readonly Found[]
  readonly total: number | undefined
  readonly moment: string | undefined
}

export async function search(context: FhirContext, scope: Scope): Promise<Answer> {
  const found = await searched(context, scope)
  const answer = context.request.asPage ? pageOf(context, found) : bundleOf(context, found)
  return { status: 200, interaction: 'search', ...answer }
}

function pageOf(context: FhirContext, { matches, included, text, paged }: Searched): Pick<Answer, 'page'> {
  return { page: { matches, included, next: nextToken(context, text, paged) } }
}

function bundleOf(context: FhirContext, { query, total, text, paged, ...found }: Searched): Partial<Answer> {
  const { request, permit } = context
  const { subset } = query
  const start = permit.tenant.length + 1
  const entries = [
    ...found.matches.map(({ _id, body }) =>
      matchEntry(`${request.base}/${_id.slice(start)}`, subsetText(body, subset)),
    ),
    ...found.included.map(({ _id, body }) =>
      includeEntry(`${request.base}/${_id.slice(start)}`, subsetText(body, { ...subset, elements: [] })),
    ),
  ]
  if (query.ignored.length > 0) entries.push(outcomeEntry(warnings(query.ignored)))
  const body = bundleBytes({ type: 'searchset', total, links: linksOf(context, text, paged), entries })
  return { headers: { 'Content-Type': FHIR_JSON }, body }
}

/** `asked`: what is going to be looked for, before it is. */
export async function searched(
  context: FhirContext,
  scope: Scope,
  asked: (query: SearchQuery) => void = () => undefined,
): Promise<Searched> {
  const { request } = context
  const query = builtQuery(context, parseQuery(request, scope, context.limits))
  asked(query)
  const text = queryText(query)
  const { page } = query
  const mark = markOf(context, text, page)
  const now = mark?.now ?? Date.now()
  const found = await atMarked(context, text, mark, (reader) => resultOf({ ...context, reader, now }, query, mark))
  request.trail?.saw([...found.matches, ...found.included])
  const { total, moment = '', next, previous } = found
  const common = { moment, now, ...(total !== undefined && { total }) }
  return { ...found, query, text, paged: { mark: common, page, next, previous } }
}

/** Without what is being built when handling is lenient; otherwise that is refused. */
function builtQuery({ request, building }: FhirContext, query: SearchQuery): SearchQuery {
  if (handlingOf(request) === 'strict') assertBuilt(building, query)
  const { built, left } = onlyBuilt(building, query)
  return left.length === 0 ? query : { ...built, ignored: [...query.ignored, ...left] }
}

async function resultOf(context: Context, query: SearchQuery, mark: PageMark | undefined): Promise<Result> {
  const { reader } = context
  await assertOwner(context, query.scope)
  const matches = await matchesOf(context, query)
  const page = await matchPage(query, matches, mark)
  return {
    ...page,
    total: mark ? mark.total : await totalOf(query, matches, page),
    included: await includedWith(context, query.includes, page.matches),
    moment: reader.time(),
  }
}

/** The compartment of what is not there is not there either. */
async function assertOwner({ request, reader }: Context, { compartment }: Scope): Promise<void> {
  if (!compartment) return
  const { type, id } = compartment
  const { permit } = request.caller
  // Who has no scope for it is not told whether it is there
  if (!mayAsk(permit, 'r', type, id) && !mayAsk(permit, 's', type)) return
  const [owner] = await reader.identify(permit, { _id: `${permit.tenant}/${type}/${id}`, deleted: false }, 1)
  if (owner === undefined) throw notFound(type)
}

/** Unless the total is asked for, counting ends here, and what is more has none (R4 search.html#total leaves it open). */
const COUNTED = 10_000

/** A first page that is not full is all there is: no second query. */
async function totalOf(query: SearchQuery, all: Matches, { matches, next }: MatchPage): Promise<number | undefined> {
  const { count, total } = query
  if (count > 0 && !next) return matches.length
  if (total === 'none') return undefined
  const isBounded = total === undefined && count > 0
  const counted = await all.count(isBounded ? COUNTED + 1 : Infinity)
  return isBounded && counted > COUNTED ? undefined : counted
}

function warnings(sentences: readonly string[]): string {
  return outcomeText(
    ...sentences.map((diagnostics) => ({ severity: 'warning' as const, code: 'not-supported', diagnostics })),
  )
}
