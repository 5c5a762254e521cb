/** What notifications give out is put on record before they leave, under the name of whoever subscribed (docs/audit.md). */
import { Entities, inParts } from '../../audit/entities.ts'
import { eventId } from '../../audit/event-id.ts'
import type { AuditDocument } from '../../store/audit-documents.ts'
import type { SubscriptionDocument } from '../../store/subscription-documents.ts'
import type { SeenEvent } from './notification.ts'

/** Nothing where a notification only says that something happened. */
export function disclosures({ t, wish, creator }: SubscriptionDocument, seen: readonly SeenEvent[]): AuditDocument[] {
  const { content, payload } = wish.channel
  const isNamed = content === undefined ? payload !== undefined : content !== 'empty'
  if (!isNamed) return []
  const entities = new Entities()
  for (const { version } of seen) if (version) entities.add(version)
  if (entities.size === 0) return []
  const { client, user } = creator.credential ?? {}
  const who = {
    ...(client !== undefined && { client }),
    ...(user && { account: user.account, ...(user.person !== undefined && { person: user.person }) }),
    ...(creator.credential ? {} : { name: creator.by }),
  }
  const at = new Date()
  const request = eventId(at.getTime())
  return inParts(entities.take()).map((what) => ({
    _id: `${t}/${eventId(at.getTime())}`,
    ...{ t, at, kind: 'notification', action: 'R', status: 200, who, request, what },
  }))
}
