/** search of a type: a searchset Bundle of stored texts, paged by key (https://hl7.org/fhir/R4/http.html#search). */
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON, outcomeText } from '../../http/outcome.ts'
import type { Page } from '../../store/resource-reader.ts'
import { bundleText, includeEntry, matchEntry, outcomeEntry } from '../bundle.ts'
import type { Link } from '../bundle.ts'
import type { FhirContext } from '../context.ts'
import { readToken, writeToken } from '../page-token.ts'
import { includedWith } from '../search/included.ts'
import { linkFilter } from '../search/linked.ts'
import { criterionFilter, typeFilter } from '../search/predicate.ts'
import { parseQuery, queryText } from '../search/query.ts'
import type { SearchQuery } from '../search/query.ts'
import { subsetText } from '../search/subset.ts'
import { afterPosition, positionOf, sortOf } from '../search/sort.ts'

export async function search(context: FhirContext, type: string): Promise<Answer> {
  const { request, permit, reader, pageKey } = context
  const query = parseQuery(request, type, context.limits)
  const { subset } = query
  const text = queryText(query)
  const wanted = await filterOf(context, query)
  const filter =
    query.page === undefined ? wanted : both(wanted, afterPosition(query.sort, readToken(pageKey, text, query.page)))
  const fields = query.sort.filter(({ field }) => field.startsWith('o.')).map(({ field }) => field)
  // Includes follow the references among the search keys
  if (query.includes.length > 0) fields.push('k')
  const limit = query.count + 1
  const found = query.count === 0 ? [] : await reader.find(permit, { filter, sort: sortOf(query.sort), limit, fields })
  const page = found.slice(0, query.count)
  const links: Link[] = [{ relation: 'self', url: `${request.base}/${text}` }]
  const last = page.at(-1)
  if (found.length > query.count && last) {
    const next = writeToken(pageKey, text, positionOf(query.sort, { ...last, o: last.o ?? {} }))
    links.push({ relation: 'next', url: `${request.base}/${text}&_page=${next}` })
  }
  const total = await totalOf(context, query, wanted, found.length)
  const start = permit.tenant.length + 1
  const entries = page.map(({ _id, body }) =>
    matchEntry(`${request.base}/${_id.slice(start)}`, subsetText(body, subset)),
  )
  const included = await includedWith(context, query.includes, page)
  entries.push(
    ...included.map(({ _id, body }) =>
      includeEntry(`${request.base}/${_id.slice(start)}`, subsetText(body, { ...subset, elements: [] })),
    ),
  )
  if (query.ignored.length > 0) entries.push(outcomeEntry(warnings(query.ignored)))
  const body = bundleText({ type: 'searchset', total, links, entries })
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'search' }
}

async function filterOf(context: FhirContext, { type, criteria, links }: SearchQuery): Promise<Page['filter']> {
  const { permit, request } = context
  const target = { tenant: permit.tenant, type, base: request.base }
  const filters = criteria.map((criterion) => criterionFilter(criterion, target))
  const linked = await Promise.all(links.map((link) => linkFilter(context, type, link)))
  return typeFilter(target, criteria, [...filters, ...linked])
}

function both(one: Page['filter'], other: Page['filter']): Page['filter'] {
  return { $and: [one, other] }
}

/** A first page that is not full is all there is: no second query. */
async function totalOf(
  { permit, reader }: FhirContext,
  { count, page, total }: SearchQuery,
  wanted: Page['filter'],
  found: number,
): Promise<number | undefined> {
  if (page === undefined && count > 0 && found <= count) return found
  return total === 'none' ? undefined : reader.count(permit, wanted)
}

function warnings(sentences: readonly string[]): string {
  return outcomeText(
    ...sentences.map((diagnostics) => ({ severity: 'warning' as const, code: 'not-supported', diagnostics })),
  )
}
