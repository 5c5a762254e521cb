/** Cases by how far they are, and the board that shows the newest of each. */
import { firstThatFinds } from '../../first-that-finds.ts'
import type { Items } from '../../kind.ts'
import { filtersIn, itemsOf } from '../../kind.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import { ok } from '../../operation.ts'
import type { Query } from '../../records.ts'
import { escaped } from '../../records.ts'
import { reportedCases, withReports } from './reports.ts'
import { cases } from './view.ts'

type Asking = Pick<ApiRequest, 'query' | 'records' | 'lines' | 'tenant'>

/** What a column asks of the requests. Those with a report are still active there: they are told from the others after it. */
const COLUMNS: Readonly<Record<string, Query>> = {
  draft: [['status', 'draft']],
  'in-review': [
    ['status', 'active'],
    ['performer:missing', 'true'],
  ],
  assigned: [
    ['status', 'active'],
    ['performer:missing', 'false'],
  ],
  rejected: [['status', 'revoked']],
}

const OF_COLUMN = 10
const MOST_COUNTED = 100

export const listCases: ApiOperation = {
  async handle(request) {
    const { status, q, cursor } = request.query as Readonly<Record<string, string | undefined>>
    const filters = filtersIn(cases, request)
    if (q === undefined) return ok(await casesOf(request, status, filters))
    const ways = waysToUnderstand(q).map((way) => (rest: string | undefined) => {
      const { cursor: _, ...query } = request.query
      const asked = { ...request, query: rest === undefined ? query : { ...query, cursor: rest } }
      return casesOf(asked, status, [...filters, way])
    })
    return ok(await firstThatFinds(ways, cursor))
  },
}

/** Its number; else how the disease or the kind of review is called, in either language, or who coordinates it. */
function waysToUnderstand(q: string): Query {
  const text = q.trim()
  const number: Query = /^[A-Za-z0-9.-]{1,64}$/.test(text)
    ? [
        ['_id', text],
        ['identifier', text],
      ]
    : []
  const word = escaped(text)
  return [...number, ['reason-code:text', word], ['code:text', word], ['performer:Practitioner.name', word]]
}

async function casesOf(request: Asking, status: string | undefined, filters: Query): Promise<Items> {
  if (status === 'reported') return reportedCases(request, filters)
  const column = status === undefined ? [] : (COLUMNS[status] ?? [])
  const { items, cursor } = await itemsOf(cases, request, [...column, ...filters])
  const told = await withReports(request, items)
  // A page may hold fewer than were asked for: what has a report is in another column
  return { items: status === undefined ? told : told.filter((each) => stateIn(each) === status), cursor }
}

function stateIn(item: object): string {
  return (item as { readonly status: string }).status
}

export const getCaseBoard: ApiOperation = {
  async handle(request) {
    const filters = filtersIn(cases, request)
    const asked = { ...request, query: { limit: MOST_COUNTED } }
    const columns = await Promise.all(
      ['draft', 'in-review', 'assigned', 'reported', 'rejected'].map(async (status) => {
        const { items, cursor } = await casesOf(asked, status, filters)
        return { status, count: items.length, more: cursor !== undefined, newest: items.slice(0, OF_COLUMN) }
      }),
    )
    return ok({ columns })
  },
}
