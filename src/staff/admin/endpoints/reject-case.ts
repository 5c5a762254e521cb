/** `/admin/reject-case`: a submitted case is turned down, with the reason. */
import { milestone, ofCase } from '../../app/cases.ts'
import type { Endpoint } from '../../app/endpoint.ts'
import { textField } from '../../app/fields.ts'
import { activity, submittedCase } from '../changes.ts'

const LONGEST = 2_000

export const rejectCase: Endpoint = {
  asked: ofCase('update', 'U'),
  async handle(call) {
    const key = textField(call.body, 'case_id')
    const reject_reason = textField(call.body, 'reason', LONGEST)
    await call.change([
      submittedCase(key, (row) => ({ ...row, status: 'rejected', reject_reason })),
      milestone(call, key, 'rejected'),
      activity(call, key, 'reject'),
    ])
    return { message: 'Case rejected', data: { case_id: key } }
  },
}
