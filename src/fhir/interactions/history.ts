/** history of an instance, a type or everything, newest first (https://hl7.org/fhir/R4/http.html#history). */
import type { Answer, FhirRequest } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { dateRange } from '../../r4/dates.ts'
import type { DateRange } from '../../r4/dates.ts'
import type { MomentReader } from '../../store/search-reader.ts'
import type { StoredVersion, VersionPage } from '../../store/version-reads.ts'
import { bundleBytes, historyEntry } from '../bundle.ts'
import type { EntryText } from '../bundle.ts'
import { assertKnownParameters, singleParameter } from '../context.ts'
import type { FhirContext } from '../context.ts'
import { countOf } from '../count.ts'
import { etag } from '../headers.ts'
import type { PageMark, Position } from '../page-token.ts'
import { atMarked, linksOf, markOf } from '../paging.ts'
import { notFound } from './read.ts'

type Filter = VersionPage['filter']

const PARAMETERS = new Set(['_count', '_since', '_at', '_page'])

export async function historyInstance(context: FhirContext, type: string, id: string): Promise<Answer> {
  const { request, permit, reader } = context
  assertKnownParameters(request, PARAMETERS)
  if (!(await reader.read(permit, type, id))) throw notFound(type)
  const start = `${permit.tenant}/${type}/${id}/`
  const scope: Filter = { _id: { $gte: start, $lt: `${start}~` } }
  return history(context, `${type}/${id}/_history`, scope, 'history-instance')
}

export async function historyType(context: FhirContext, type: string): Promise<Answer> {
  assertKnownParameters(context.request, PARAMETERS)
  const scope = { tt: `${context.permit.tenant}/${type}` }
  return history(context, `${type}/_history`, scope, 'history-type')
}

export async function historySystem(context: FhirContext): Promise<Answer> {
  assertKnownParameters(context.request, PARAMETERS)
  return history(context, '_history', {}, 'history-system')
}

async function history(context: FhirContext, path: string, scope: Filter, interaction: string): Promise<Answer> {
  const { request } = context
  const asked = askedOf(context, scope)
  const query = `${path}?${asked.text}`
  const token = singleParameter(request, '_page')
  const mark = markOf(context, query, token)
  const page = (reader: MomentReader): Promise<VersionPages> => pageOf(context, reader, asked, mark)
  const { found, total, moment } = await atMarked(context, query, mark, page).catch((error: unknown) => {
    // Versions are only ever added, and before the others: of a moment that has passed, what remains is still the same
    if (mark && error instanceof GatewayError && error.code === 'GW_EXPIRED')
      return atMarked(context, query, undefined, page)
    throw error
  })
  const shown = found.slice(0, asked.count)
  request.trail?.saw(shown)
  const last = found.length > asked.count ? shown.at(-1) : undefined
  const links = linksOf(context, query, {
    mark: { moment: mark?.moment ?? moment, now: mark?.now ?? Date.now(), ...(total !== undefined && { total }) },
    page: token,
    next: last && { values: [{ $date: last.u.toISOString() }, last._id] },
  })
  const body = bundleBytes({ type: 'history', total, links, entries: shown.map((version) => entry(request, version)) })
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction }
}

interface Asked {
  readonly count: number
  readonly wanted: Filter
  /** of what was wanted, only what was current then or later */
  readonly since: Date | undefined
  readonly text: string
}

/** `_at`: versions that were current at some moment of the range (R4 http.html#history). */
function askedOf({ request, limits }: FhirContext, scope: Filter): Asked {
  const count = countOf(request, limits)
  const since = rangeOf(request, '_since')?.l
  const at = rangeOf(request, '_at')
  const parts = [
    `_count=${count}`,
    ...(since ? [`_since=${since.toISOString()}`] : []),
    ...(at ? [`_at=${encodeURIComponent(singleParameter(request, '_at') ?? '')}`] : []),
  ]
  const times: Filter[] = [...(since ? [{ u: { $gte: since } }] : []), ...(at ? [{ u: { $lt: at.h } }] : [])]
  const wanted = times.length > 0 ? { $and: [scope, ...times] } : scope
  return { count, wanted, since: at?.l, text: parts.join('&') }
}

interface VersionPages {
  /** one more than the page holds, where there is more */
  readonly found: readonly StoredVersion[]
  /** undefined: it takes too much to know */
  readonly total: number | undefined
  readonly moment: string
}

async function pageOf(
  { permit }: FhirContext,
  reader: MomentReader,
  { count, wanted, since }: Asked,
  mark: PageMark | undefined,
): Promise<VersionPages> {
  const filter = mark?.position ? { $and: [wanted, before(mark.position)] } : wanted
  const sort = { u: -1, _id: -1 } as const
  const found = count === 0 ? [] : await reader.versions(permit, { filter, sort, limit: count + 1, since })
  const isAll = !mark && count > 0 && found.length <= count

  const total = mark ? mark.total : isAll ? found.length : await reader.countVersions(permit, wanted, since)
  return { found, total, moment: reader.time() ?? '' }
}

function rangeOf(request: FhirRequest, name: string): DateRange | undefined {
  const text = singleParameter(request, name)
  if (text === undefined) return undefined
  const range = dateRange(text)
  if (!range) throw new GatewayError('GW_BAD_REQUEST', `"${name}" is no date or instant of FHIR.`)
  return range
}

function before({ values: [last, id] }: Position): Filter {
  const u = new Date((last as { $date: string }).$date)
  return { $or: [{ u: { $lt: u } }, { u, _id: { $lt: id as string } }] }
}

const STATUS = { POST: '201', PUT: '200', DELETE: '204' } as const

function entry({ base }: FhirRequest, { _id, tt, v, u, method, body }: StoredVersion): EntryText {
  const type = tt.slice(tt.indexOf('/') + 1)
  const id = _id.slice(tt.length + 1, _id.lastIndexOf('/'))
  const url = method === 'POST' ? type : `${type}/${id}`
  const response = { status: STATUS[method], etag: etag(v), lastModified: u.toISOString() }
  return historyEntry(`${base}/${type}/${id}`, body, { method, url }, response)
}
