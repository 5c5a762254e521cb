/**
 * How the owner of a draft is reminded: a port. For now a banner in the app; a channel that leaves the house stands behind
 * the same.
 */
import type { Row } from '../../mapping/lens.ts'
import type { RowChange } from '../../projection/operation.ts'
import type { SecondOpinions } from './second-opinions.ts'
import { textOf } from './second-opinions.ts'

/** What it throws means that nobody was reminded. */
export type Notify = (reminder: Reminder) => Promise<void>

export interface Reminder {
  /** the row of the case */
  readonly draft: Row
  readonly source: SecondOpinions
  readonly change: (changes: readonly RowChange[]) => Promise<void>
}

/** UCP98. One banner a case: a second time it is the same. */
export const bannerNotify: Notify = ({ draft, source, change }) =>
  change([
    {
      mapping: 'sop/banner',
      key: ['SOP', textOf(draft, 'case_id')],
      edit: (row, at) =>
        row ?? {
          user_id: draft['user_id'] ?? null,
          title_en: 'Your second-opinion request is still a draft: complete and submit it.',
          title_ar: 'طلب الرأي الطبي الثاني ما زال مسودة؛ أكمِله وأرسِله.',
          created_date: source.stamp(at),
        },
    },
  ])
