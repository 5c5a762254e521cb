/** Drafts of second opinions whose reminder (UCP98) was due long before the gateway first saw them: counted, never sent. */
import type { ServiceRequest } from '@medplum/fhirtypes'
import { tokenKey } from '../../r4/keys/text.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import type { KindParts, PlannedKind } from './kind.ts'
import { LATE } from './kind.ts'
import { jobRows, textIn } from './row-columns.ts'

const JOB = 'draft-reminders'
const DAY = 24 * 3_600_000

export function lateDrafts(parts: KindParts): PlannedKind {
  return {
    name: JOB,
    job: JOB,
    type: 'ServiceRequest',
    filter: () => ({ deleted: false, k: tokenKey('status', undefined, 'draft') }),
    async owing(t, resources) {
      const drafts = resources.filter((each) => !each.deleted && dueOf(each.body) !== undefined)
      const rows = await jobRows(parts, JOB, drafts)
      const open = rows.filter(({ row, job }) => ['', '0', 'false'].includes(textIn(row, job.mark)))
      const ids = open.map(({ resource }) => resource._id)
      const seen = await firstSeen(parts.store, ids)
      return open.flatMap(({ resource: { _id, body, origin } }) => {
        const due = dueOf(body) ?? Infinity
        if ((seen.get(_id)?.getTime() ?? 0) - due <= LATE) return []
        const own = { t, kind: JOB, about: _id, which: 'UCP98', due: new Date(due), late: true }
        return [{ ...own, instance: origin?.instance ?? '' }]
      })
    },
    // What is in time is done by UCP98 itself, which claims the row
    outgoing: () => Promise.resolve(NOT_WANTED),
  }
}

function dueOf(body: string): number | undefined {
  const { status, authoredOn = '' } = JSON.parse(body) as ServiceRequest
  const due = Date.parse(authoredOn) + DAY
  return status !== 'draft' || Number.isNaN(due) ? undefined : due
}
