/** All kinds of messages, each in a file of its own. */
import { appointmentChanges } from './appointment-changes.ts'
import { appointmentReminders } from './appointment-reminders.ts'
import type { Kind, KindParts } from './kind.ts'
import { digests } from './digests.ts'
import { documentsRequested } from './documents-requested.ts'
import { freedTimes } from './freed-times.ts'
import { lateDrafts } from './late-drafts.ts'
import { sourceNotifications } from './notifications.ts'
import { lapsedOffers } from './lapsed-offers.ts'
import { promReminders } from './prom-reminders.ts'
import { reportReady } from './report-ready.ts'
import { waitlistOffers } from './waitlist-offers.ts'

const KINDS: readonly ((parts: KindParts) => Kind)[] = [
  appointmentReminders,
  appointmentChanges,
  freedTimes,
  waitlistOffers,
  lapsedOffers,
  reportReady,
  documentsRequested,
  promReminders,
  lateDrafts,
  sourceNotifications,
  digests,
]

export function allKinds(parts: KindParts): Kind[] {
  return KINDS.map((kind) => kind(parts))
}
