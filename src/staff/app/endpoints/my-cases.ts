/** `/app/my-cases`: the cases of whoever asks, the latest first. */
import { countMapped, findMapped } from '../../../store/mapped-rows.ts'
import { shownCase } from '../case-fields.ts'
import { CASE, NEWEST, searchOf } from '../cases.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Body } from '../fields.ts'
import { isSent, wholeField } from '../fields.ts'

const USUAL_SIZE = 15
const MOST_SIZE = 100
const LAST_PAGE = 10_000

export const myCases: Endpoint = {
  asked: searchOf('ServiceRequest'),
  async handle({ body, permit, store, source, deadline, trail }) {
    const { page, size } = pageIn(body)
    const place = source.place(CASE)
    const [total, found] = await Promise.all([
      countMapped(store, permit, place, {}, deadline),
      findMapped(store, permit, place, { sort: NEWEST, skip: (page - 1) * size, limit: size }, deadline),
    ])
    trail?.saw(found)
    return { data: found.map(({ row }) => shownCase(row)), pagination: { total, page, page_size: size } }
  },
}

/** Who asks for more than a page may have gets what it may have. */
function pageIn(body: Body): { readonly page: number; readonly size: number } {
  const page = isSent(body, 'page') ? wholeField(body, 'page', 1, LAST_PAGE) : 1
  const size = isSent(body, 'page_size') ? wholeField(body, 'page_size', 1, Number.MAX_SAFE_INTEGER) : USUAL_SIZE
  return { page, size: Math.min(size, MOST_SIZE) }
}
