/** history of an instance, a type or everything, newest first (https://hl7.org/fhir/R4/http.html#history). */
import type { Answer, FhirRequest } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { dateRange } from '../../r4/dates.ts'
import type { DateRange } from '../../r4/dates.ts'
import type { StoredVersion, VersionPage } from '../../store/resource-reader.ts'
import { bundleText, historyEntry } from '../bundle.ts'
import type { Link } from '../bundle.ts'
import { assertKnownParameters, singleParameter } from '../context.ts'
import type { FhirContext } from '../context.ts'
import { countOf } from '../count.ts'
import { etag } from '../headers.ts'
import { readToken, writeToken } from '../page-token.ts'
import { notFound } from './read.ts'

type Filter = VersionPage['filter']

const PARAMETERS = new Set(['_count', '_since', '_page'])
/** Which version was current at a time is asked of one resource: of all together no index tells it. */
const INSTANCE_PARAMETERS = new Set([...PARAMETERS, '_at'])

export async function historyInstance(context: FhirContext, type: string, id: string): Promise<Answer> {
  const { request, permit, reader } = context
  assertKnownParameters(request, INSTANCE_PARAMETERS)
  if (!(await reader.read(permit, type, id))) throw notFound(type)
  const start = `${permit.tenant}/${type}/${id}/`
  const all: Filter = { _id: { $gte: start, $lt: `${start}~` } }
  const at = rangeOf(request, '_at')
  const filter = at ? { $and: [all, await currentIn(context, all, at)] } : all
  return history(context, `${type}/${id}/_history`, filter, 'history-instance')
}

/** R4 http.html#history: versions that were current at some moment of the range; the first was there before it began. */
async function currentIn({ permit, reader }: FhirContext, all: Filter, { l, h }: DateRange): Promise<Filter> {
  const filter = { $and: [all, { u: { $lte: l } }] }
  const [first] = await reader.versions(permit, { filter, sort: { u: -1, _id: -1 }, limit: 1 })
  const inside: Filter = { u: { $gt: l, $lt: h } }
  return first ? { $or: [{ _id: first._id }, inside] } : inside
}

export async function historyType(context: FhirContext, type: string): Promise<Answer> {
  assertKnownParameters(context.request, PARAMETERS)
  return history(context, `${type}/_history`, { tt: `${context.permit.tenant}/${type}` }, 'history-type')
}

export async function historySystem(context: FhirContext): Promise<Answer> {
  assertKnownParameters(context.request, PARAMETERS)
  return history(context, '_history', {}, 'history-system')
}

async function history(context: FhirContext, path: string, scope: Filter, interaction: string): Promise<Answer> {
  const { request, permit, reader, pageKey } = context
  const count = countOf(request, context.limits)
  const since = rangeOf(request, '_since')?.l
  const at = request.query.find(([name]) => name === '_at')?.[1]
  const wanted: Filter = since ? { $and: [scope, { u: { $gte: since } }] } : scope
  const asked = [
    `_count=${count}`,
    ...(since ? [`_since=${since.toISOString()}`] : []),
    ...(at !== undefined && interaction === 'history-instance' ? [`_at=${encodeURIComponent(at)}`] : []),
  ]
  const query = `${path}?${asked.join('&')}`
  const token = singleParameter(request, '_page')
  const filter = token === undefined ? wanted : { $and: [wanted, before(readToken(pageKey, query, token))] }
  const found = count === 0 ? [] : await reader.versions(permit, { filter, sort: { u: -1, _id: -1 }, limit: count + 1 })
  const page = found.slice(0, count)
  const last = page.at(-1)
  const links: Link[] = [{ relation: 'self', url: `${request.base}/${query}` }]
  if (found.length > count && last) {
    const next = writeToken(pageKey, query, { values: [{ $date: last.u.toISOString() }], id: last._id })
    links.push({ relation: 'next', url: `${request.base}/${query}&_page=${next}` })
  }
  const total =
    token === undefined && found.length <= count && count > 0
      ? found.length
      : await reader.countVersions(permit, wanted)
  const body = bundleText({ type: 'history', total, links, entries: page.map((version) => entry(request, version)) })
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction }
}

function rangeOf(request: FhirRequest, name: string): DateRange | undefined {
  const text = singleParameter(request, name)
  if (text === undefined) return undefined
  const range = dateRange(text)
  if (!range) throw new GatewayError('GW_BAD_REQUEST', `"${name}" is no date or instant of FHIR.`)
  return range
}

function before({ values: [last], id }: ReturnType<typeof readToken>): Filter {
  const u = new Date((last as { $date: string }).$date)
  return { $or: [{ u: { $lt: u } }, { u, _id: { $lt: id } }] }
}

const STATUS = { POST: '201', PUT: '200', DELETE: '204' } as const

function entry({ base }: FhirRequest, { _id, tt, v, u, method, body }: StoredVersion): string {
  const type = tt.slice(tt.indexOf('/') + 1)
  const id = _id.slice(tt.length + 1, _id.lastIndexOf('/'))
  const url = method === 'POST' ? type : `${type}/${id}`
  const response = { status: STATUS[method], etag: etag(v), lastModified: u.toISOString() }
  return historyEntry(`${base}/${type}/${id}`, body, { method, url }, response)
}
