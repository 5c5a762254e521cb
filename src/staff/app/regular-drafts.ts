/** UCP98 as the gateway does it by itself: the same as the endpoint, without somebody who asks. */
import { everythingOf } from '../../access/permit.ts'
import { Deadline } from '../../kernel/deadline.ts'
import type { WriteBack } from '../../projection/write-back.ts'
import { commitRows } from './commit.ts'
import { notifyDrafts } from './draft-notifications.ts'
import { bannerNotify } from './notify.ts'
import { secondOpinionsIn } from './second-opinions.ts'

const BY = 'isthmus notifications'

export async function remindOfDrafts(
  writeBack: () => WriteBack,
  milliseconds: number,
): Promise<{ eligible: number; notified: number }> {
  const { store, plan } = writeBack()
  const source = secondOpinionsIn(plan)
  const deadline = new Deadline(milliseconds)
  const permit = everythingOf(source.tenant)
  try {
    return await notifyDrafts({
      ...{ store, source, deadline, notify: bannerNotify, now: () => new Date() },
      change: (changes) => commitRows(writeBack, { by: BY, deadline, trail: undefined }, changes, permit),
    })
  } finally {
    deadline.close()
  }
}
