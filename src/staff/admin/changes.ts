/** What the admin side writes with everything it does: a note of it, and the milestones of the case. */
import type { Row } from '../../mapping/lens.ts'
import type { RowChange } from '../../projection/operation.ts'
import { statusIn } from '../app/case-fields.ts'
import { CASE } from '../app/cases.ts'
import type { Call } from '../app/endpoint.ts'
import { textOf } from '../app/second-opinions.ts'
import { noSuchCase, ToldError } from '../app/words.ts'

/** `sop_activity`: who did what, when. To the millisecond, for that is part of its key. */
export function activity({ user, now }: Pick<Call, 'user' | 'now'>, key: string, what: string): RowChange {
  const edit = (row: Row | undefined): Row => ({ activity: row ? `${textOf(row, 'activity')}; ${what}` : what })
  return { mapping: 'sop/activity', key: [key, user, now().toISOString()], follows: true, edit }
}

/** The case as `edit` makes it; one that stays as it is counts as updated, so that two who change it at once meet. */
export function submittedCase(key: string, edit: (row: Row) => Row = (row) => ({ ...row })): RowChange {
  return {
    mapping: CASE,
    key: [key],
    edit(row) {
      if (!row) throw noSuchCase()
      assertSubmitted(row)
      return edit(row)
    },
  }
}

function assertSubmitted(row: Row): void {
  const status = statusIn(row)
  if (status === 'review') return
  throw new ToldError(
    'GW_CONFLICT',
    status === 'draft'
      ? [
          'This case is still a draft: its owner has to submit it first.',
          'ما زالت هذه الحالة مسودة؛ يجب أن يرسلها صاحبها أولًا.',
        ]
      : ['This case is closed: nothing more is done with it.', 'هذه الحالة مغلقة ولا يمكن اتخاذ إجراء آخر عليها.'],
  )
}
