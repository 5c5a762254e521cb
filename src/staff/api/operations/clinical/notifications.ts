/** What was sent to people by the systems themselves, what failed and what is still to come. */
import { clinicZone, instantText, spanOfDays } from '../../clinic-time.ts'
import type { Span } from '../../clinic-time.ts'
import type { Kind } from '../../kind.ts'
import { itemsOf, oneOf } from '../../kind.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import { ok } from '../../operation.ts'
import { extensionOf, idIn, namedOf, systemOf, textOf, words } from '../../plain.ts'
import type { ApiParts } from '../../parts.ts'
import { ContractError } from '../../problem.ts'
import type { Query } from '../../records.ts'

const status = words({
  waiting: 'preparation',
  sending: 'in-progress',
  sent: 'completed',
  failed: 'not-done',
  'on-hold': 'on-hold',
  stopped: 'stopped',
  mistaken: 'entered-in-error',
  unknown: 'unknown',
})

const notifications: Kind<'Communication'> = {
  type: 'Communication',
  name: 'notification',
  // Of a kind, and to somebody: messages are of none, and what devices log is to nobody
  among: [
    ['category:missing', 'false'],
    ['recipient:missing', 'false'],
  ],
  parameters: {},
  date: 'sent',
  include: ['recipient:Patient'],
  view: (resource, names) => ({
    system: systemOf(resource),
    status: status.wordOf(resource.status),
    to: (resource.recipient ?? []).flatMap((each) => namedOf(each, names) ?? []),
    type: textOf(resource.category?.[0]),
    channel: textOf(resource.medium?.[0]),
    title: textOf(resource.topic),
    text: resource.payload?.flatMap(({ contentString }) => contentString ?? []).join('\n') || undefined,
    error: textOf(resource.statusReason),
    due: extensionOf(resource, 'notification-scheduled')?.valueDateTime,
    sent: resource.sent,
    read: resource.received,
    about: idIn(resource.about?.[0]),
  }),
}

export const getNotification = oneOf(notifications)

export const listNotifications: ApiOperation = {
  async handle(request, parts) {
    const { patient, status: word, day } = request.query as Readonly<Record<string, string | undefined>>
    if (day !== undefined && word === undefined) {
      throw new ContractError([
        { field: 'query.status', detail: 'is missing: a day is that of sending, or of being due' },
      ])
    }
    const filters: Query = [
      ...(patient === undefined ? [] : [['recipient', `Patient/${patient}`] as const]),
      ...(word === undefined ? [] : [['status', status.codeOf(word)] as const]),
      ...(day === undefined ? [] : within(word === 'sent' ? 'sent' : 'scheduled', await dayOf(request, parts, day))),
    ]
    return ok(await itemsOf(notifications, request, filters))
  },
}

/** A day of the clinic. */
async function dayOf({ tenant }: ApiRequest, parts: ApiParts, day: string): Promise<Span> {
  return spanOfDays(await clinicZone(parts, tenant), day)
}

function within(name: string, { from, to }: Span): Query {
  return [
    [name, `ge${instantText(from)}`],
    [name, `lt${instantText(to)}`],
  ]
}
