/** `openings`: records that somebody opened in an emergency (break-glass), for whom, why and until when. Never removed. */
import { randomUUID } from 'node:crypto'
import type { Opening } from '../access/restricted.ts'
import type { Store } from './collections.ts'
import { countChange } from './restrictions.ts'
import { inTransaction, withSession } from './transaction.ts'

export interface OpeningDocument extends Opening {
  readonly _id: string
  /** tenant */
  readonly t: string
  readonly by: string
  /** a code of v3-PurposeOfUse, and the words of who opened it */
  readonly purpose: string
  readonly reason: string
  readonly from: Date
  /** who ended it before its time */
  readonly endedBy?: string
}

export function newOpeningId(): string {
  return randomUUID()
}

export interface Ending {
  readonly tenant: string
  readonly patient: string
  readonly by: string
  /** of these only */
  readonly account?: string | undefined
}

/** Whatever is open of the patient ends now; gives how many. */
export async function endOpenings(store: Store, { tenant, patient, by, account }: Ending): Promise<number> {
  return withSession(store, (session) =>
    inTransaction(session, async () => {
      const until = new Date()
      const open = {
        ...{ t: tenant, patient, until: { $gt: until } },
        ...(account !== undefined && { account }),
      }
      const { modifiedCount } = await store.openings.updateMany(open, { $set: { until, endedBy: by } }, { session })
      if (modifiedCount > 0) await countChange(store, [tenant], session)
      return modifiedCount
    }),
  )
}
