/** Which cases have a report: reports point at their cases, and not the other way round. */
import type { DiagnosticReport } from '@medplum/fhirtypes'
import type { Items, Shown } from '../../kind.ts'
import { itemsOf } from '../../kind.ts'
import type { ApiRequest } from '../../operation.ts'
import { idIn } from '../../plain.ts'
import type { Query } from '../../records.ts'
import { cases } from './view.ts'

type Asker = Pick<ApiRequest, 'records' | 'lines' | 'tenant'>

/** LOINC: Consultation 2nd opinion */
const REPORT = ['code', 'http://loinc.org|47040-1'] as const

/** The same, with `reported` where a doctor has said something. */
export async function withReports<T extends Shown>({ records, lines }: Asker, items: readonly T[]): Promise<T[]> {
  if (items.length === 0) return []
  const ofThese = items.map(({ id }) => `ServiceRequest/${id}`).join(',')
  const page = await records.list('DiagnosticReport', [
    REPORT,
    ['based-on', ofThese],
    ['_count', '1000'],
    ['_total', 'none'],
  ])
  const about = lines.of('report', page, ({ basedOn }: DiagnosticReport) => ({ id: idIn(basedOn?.[0]) }))
  const reported = new Set(about.map(({ id }) => id))
  return items.map((each) => (reported.has(each.id) ? { ...each, status: 'reported' } : each))
}

/** Those with a report, by the last one written or changed. */
export async function reportedCases(request: Asker & Pick<ApiRequest, 'query'>, filters: Query): Promise<Items> {
  const { limit = 20, cursor } = request.query as { readonly limit?: number; readonly cursor?: string }
  const chained = filters.map(([name, value]) => [`based-on:ServiceRequest.${name}`, value] as const)
  const asked: Query = [REPORT, ...chained, ['_sort', '-_lastUpdated'], ['_count', String(limit)], ['_total', 'none']]
  const { found, cursor: next } = await request.records.search('DiagnosticReport', asked, cursor)
  const ids = [...new Set(found.flatMap(({ basedOn }) => idIn(basedOn?.[0]) ?? []))]
  if (ids.length === 0) return { items: [], cursor: next }
  const { items } = await itemsOf(cases, { ...request, query: { limit: 100 } }, [['_id', ids.join(',')]])
  const place = new Map(ids.map((id, index) => [id, index]))
  const inOrder = items.toSorted((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0))
  return { items: inOrder.map((each) => ({ ...each, status: 'reported' })), cursor: next }
}
