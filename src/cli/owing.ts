/** Messages to people put together: what is owed, when it is due, who sends it, by which ways. */
import { zoneOf } from './sources.ts'
import type { BulkOptions, InUse } from './bulk.ts'
import { staffWaitlist } from '../staff/api/operations/waitlist/by-itself.ts'
import { remindOfDrafts } from '../staff/app/regular-drafts.ts'
import type { Follower } from '../store/outbox.ts'
import { showing } from '../workers/contacts.ts'
import { Due } from '../workers/due.ts'
import { inApps } from '../workers/owing/in-app.ts'
import type { KindParts } from '../workers/owing/kind.ts'
import { knownClinicSettings } from '../store/clinic-settings.ts'
import { clinicOf, sourcesWith } from '../workers/owing/kind.ts'
import { allKinds } from '../workers/owing/kinds.ts'
import { owingFollower, planAgain } from '../workers/owing/plan-owing.ts'
import type { Post } from '../workers/owing/post.ts'
import { retentionTask } from '../workers/retention.ts'
import { Regular } from '../workers/regular.ts'
import type { RegularTask } from '../workers/regular.ts'
import { Sender } from '../workers/sender.ts'
import type { Background } from './workers.ts'

const MINUTE = 60_000

export interface Owing {
  readonly follower: Follower
  readonly workers: readonly Background[]
}

export function makeOwing({ config, store, redisUrl, log }: BulkOptions, inUse: () => InUse, post: Post): Owing {
  const place = { redisUrl, database: config.database }
  const writeBack = (): InUse['writeBack'] => inUse().writeBack
  const parts: KindParts = {
    store,
    plan: () => writeBack().plan,
    timeZoneOf: (tenant) => zoneOf(config.sources, tenant),
    waitlist: staffWaitlist(() => writeBack().plan.base),
  }
  const kinds = allKinds(parts)
  const due = new Due({ store, place, log, replan: () => planAgain(parts, kinds) })
  const sender = new Sender({
    ...{ store, place, kinds, post, writeBack, log },
    showInApp: inApps(parts, showing({ store })),
    clinicOf: (tenant) => clinicOf(parts, tenant, knownClinicSettings),
  })
  const drafts: RegularTask = {
    name: 'draft-reminders',
    everyMilliseconds: 2 * MINUTE,
    async run() {
      if (sourcesWith(parts.plan(), 'draft-reminders').length === 0) return
      const { eligible, notified } = await remindOfDrafts(writeBack, MINUTE)
      if (eligible > 0) log.info({ eligible, notified }, 'owners of drafts were reminded')
    },
  }
  return {
    follower: owingFollower(parts, kinds, () => due.wake()),
    workers: [due, sender, new Regular(place, [drafts, retentionTask(writeBack, log)], log)],
  }
}
