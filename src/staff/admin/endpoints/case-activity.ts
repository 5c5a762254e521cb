/** `/admin/case-activity`: who did what with a case, the latest first. */
import { uriKey } from '../../../r4/keys/text.ts'
import { findMapped } from '../../../store/mapped-rows.ts'
import { caseIn, ofCase } from '../../app/cases.ts'
import type { Endpoint } from '../../app/endpoint.ts'
import { plain } from '../../app/plain.ts'
import { textOf } from '../../app/second-opinions.ts'

const MOST = 500

export const caseActivity: Endpoint = {
  asked: ofCase('read', 'R'),
  async handle(call) {
    const { permit, store, source, deadline, trail } = call
    const { row } = await caseIn(call)
    const key = textOf(row, 'case_id')
    const filter = { k: uriKey('entity', `ServiceRequest/${source.idOf(key)}`) }
    const query = { filter, sort: { 'o.date': -1, _id: 1 } as const, limit: MOST }
    const found = await findMapped(store, permit, source.place('sop/activity'), query, deadline)
    trail?.saw(found)
    const items = found.map(({ row: each }) => ({
      updated_by: plain(each['updated_by']),
      created_date: plain(each['created_date']),
      activity: plain(each['activity']),
    }))
    return { data: { case_id: key, items } }
  },
}
