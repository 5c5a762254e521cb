/** `/admin/reject-case`: a submitted case is turned down, with the reason. */
import type { Row } from '../../../mapping/lens.ts'
import type { RowChange } from '../../../projection/operation.ts'
import { milestone, ofCase } from '../../app/cases.ts'
import type { Endpoint } from '../../app/endpoint.ts'
import { textField } from '../../app/fields.ts'
import { textOf } from '../../app/second-opinions.ts'
import { ToldError } from '../../app/words.ts'
import { assignmentsOf, isFiled, TASK } from '../assignments.ts'
import { activity, submittedCase } from '../changes.ts'

const LONGEST = 2_000

export const rejectCase: Endpoint = {
  asked: ofCase('update', 'U'),
  async handle(call) {
    const key = textField(call.body, 'case_id')
    const reject_reason = textField(call.body, 'reason', LONGEST)
    await call.change([
      submittedCase(key, (row) => ({ ...row, status: 'rejected', reject_reason })),
      ...(await assignmentsOf(call, key)).map(unreported),
      milestone(call, key, 'rejected'),
      activity(call, key, 'reject'),
    ])
    return { message: 'Case rejected', data: { case_id: key } }
  },
}

/** Changes nothing; asked in the transaction, so that a report that is filed at the same moment is seen. */
function unreported(assignment: Row): RowChange {
  const edit = (now: Row | undefined): undefined => {
    if (now && isFiled(now)) throw reported()
  }
  return { mapping: TASK, key: [textOf(assignment, 'sop_id')], follows: true, edit }
}

function reported(): ToldError {
  return new ToldError('GW_CONFLICT', [
    'A report is filed on this case: it is not rejected any more.',
    'قُدّم تقرير عن هذه الحالة، فلم يعد رفضها ممكنًا.',
  ])
}
