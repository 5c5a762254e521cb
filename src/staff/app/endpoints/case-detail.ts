/** `/app/case-detail`: one case of whoever asks. */
import { shownCase } from '../case-fields.ts'
import { caseIn, ofCase } from '../cases.ts'
import type { Endpoint } from '../endpoint.ts'

export const caseDetail: Endpoint = {
  asked: ofCase('read', 'R'),
  async handle(call) {
    const { row } = await caseIn(call)
    return { data: shownCase(row) }
  },
}
