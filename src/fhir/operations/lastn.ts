/**
 * `Observation/$lastn`: of what a search of Observations finds, the last n of each code by the time they are about
 * (https://hl7.org/fhir/R4/observation-operation-lastn.html).
 *
 * Codes are one where an Observation says so: with `A` and `B` in one CodeableConcept, `A` alone and `B` alone are of one
 * group.
 */
import type { Answer, FhirRequest } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { isJsonType } from '../../http/media.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Found, MomentReader } from '../../store/search-reader.ts'
import { bundleBytes, matchEntry } from '../bundle.ts'
import type { FhirContext } from '../context.ts'
import type { Position } from '../page-token.ts'
import { urlOf } from '../paging.ts'
import { lastOfGroups } from '../record/code-groups.ts'
import type { Coded } from '../record/code-groups.ts'
import { jsonBody } from '../resource-body.ts'
import { assertBuilt } from '../search/building.ts'
import { matchPage } from '../search/match-page.ts'
import { matchesOf } from '../search/matches.ts'
import { parseQuery, queryText } from '../search/query.ts'
import type { SearchQuery } from '../search/query.ts'
import { typeScope } from '../search/scope.ts'
import { subsetText } from '../search/subset.ts'
import type { Operation } from './operation.ts'

const BATCH = 500
/** Observations that are looked at; who means more than a person's names a code. */
const MOST = 20_000

export const lastn: Operation = {
  code: 'lastn',
  definition: 'http://hl7.org/fhir/OperationDefinition/Observation-lastn',
  levels: ['type'],
  access: 'reads',
  resources: ['Observation'],
  heavy: true,
  inputs: 'its own',
  async handle(context: FhirContext): Promise<Answer> {
    const { request, permit, building } = context
    const { max, query } = askedOf(context)
    assertBuilt(building, query)
    const found = await context.reader.atMoment(undefined, (reader) => lastOf(context, reader, query, max))
    request.trail?.saw(found)
    const entries = found.map(({ _id, body }) =>
      matchEntry(`${request.base}/${_id.slice(permit.tenant.length + 1)}`, subsetText(body, query.subset)),
    )
    const [, text = ''] = queryText(query).split('?')
    const asked = new URLSearchParams(text)
    for (const name of ['_sort', '_count']) asked.delete(name)
    const url = urlOf(context, `Observation/$lastn?max=${max}&${asked.toString()}`)
    const body = bundleBytes({ type: 'searchset', total: entries.length, links: [{ relation: 'self', url }], entries })
    return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'lastn' }
  },
}

interface Asked {
  readonly max: number
  readonly query: SearchQuery
}

function askedOf({ request, limits }: FhirContext): Asked {
  const pairs = [...request.query, ...bodyPairs(request)]
  const counts = pairs.filter(([name]) => name === 'max').map(([, value]) => value)
  const [max = '1'] = counts
  if (counts.length > 1 || !/^[1-9]\d{0,5}$/.test(max)) {
    throw new GatewayError('GW_BAD_REQUEST', '"max" is one number of 1 or more.')
  }
  const own = pairs.find(([name]) => ['_sort', '_count', '_page', '_total'].includes(name))
  if (own)
    throw new GatewayError(
      'GW_BAD_REQUEST',
      `$lastn takes no "${own[0]}": it is the last ones of each code, newest first.`,
    )
  const search = pairs.filter(([name]) => name !== 'max')
  const query = parseQuery({ ...request, query: [...search, ['_sort', '-date']] }, typeScope('Observation'), limits)
  const { criteria = [], links = [] } = query.wanted[0] ?? {}
  if (criteria.length + links.length === 0 || query.includes.length > 0) {
    throw new GatewayError(
      'GW_BAD_REQUEST',
      '$lastn needs a search, such as patient and category, and takes no include.',
    )
  }
  return { max: Number(max), query: { ...query, count: BATCH } }
}

/** Parameters ask what a query asks. */
function bodyPairs(request: FhirRequest): [string, string][] {
  if (request.method !== 'POST' || request.body === undefined || !isJsonType(request.header('content-type'))) return []
  const { parameter } = (jsonBody(request) ?? {}) as { parameter?: unknown }
  if (!Array.isArray(parameter))
    throw new GatewayError('GW_BAD_REQUEST', 'The body of $lastn is a Parameters resource.')
  return (parameter as (Record<string, unknown> | null)[]).map((each) => {
    const { name, ...rest } = each ?? {}
    const [value] = Object.values(rest)
    if (typeof name === 'string' && ['string', 'number', 'boolean'].includes(typeof value)) return [name, String(value)]
    throw new GatewayError('GW_BAD_REQUEST', 'Each parameter of $lastn has a name and one simple value.')
  })
}

/** Codes first, texts at the end: what is one group is known only when all were seen. */
async function lastOf(context: FhirContext, reader: MomentReader, query: SearchQuery, max: number): Promise<Found[]> {
  const matches = await matchesOf({ ...context, reader, now: Date.now() }, query)
  const coded: Coded[] = []
  let position: Position | undefined
  do {
    const page = await matchPage(query, matches, position ? { position } : {})
    coded.push(
      ...page.matches.map(({ _id, body }) => ({
        _id,
        code: (JSON.parse(body.toString()) as Pick<Coded, 'code'>).code,
      })),
    )
    position = page.next
    if (coded.length > MOST) {
      throw new GatewayError(
        'GW_TOO_LARGE',
        `$lastn looks at ${MOST} Observations at most: ask for fewer, such as one code.`,
      )
    }
  } while (position)
  const wanted = lastOfGroups(coded, max)
  const found: Found[] = []
  for (let start = 0; start < wanted.length; start += BATCH) {
    const filter = { _id: { $in: wanted.slice(start, start + BATCH) } }
    found.push(...(await reader.find(context.permit, { filter, sort: {}, limit: BATCH, fields: [] })))
  }
  const byId = new Map(found.map((each) => [each._id, each]))
  return wanted.flatMap((id) => byId.get(id) ?? [])
}
