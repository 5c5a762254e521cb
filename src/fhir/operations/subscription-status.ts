/** `Subscription/$status`: how subscriptions are doing (Subscriptions R5 Backport, backport-subscription-status). */
import { randomUUID } from 'node:crypto'
import type { Answer } from '../../http/answer.ts'
import { countEvents } from '../../store/subscription-events.ts'
import type { FhirContext } from '../context.ts'
import { oneSubscription, theirSubscriptions } from '../subscriptions/asked.ts'
import { BACKPORT } from '../subscriptions/canonicals.ts'
import { statusOf } from '../subscriptions/notification.ts'
import type { Call, Operation } from './operation.ts'
import { resourceAnswer } from './parameters.ts'

export const subscriptionStatus: Operation = {
  code: 'status',
  definition: BACKPORT.operation('status'),
  levels: ['type', 'instance'],
  access: 'reads',
  resources: ['Subscription'],
  inputs: [
    { name: 'id', type: 'id', repeats: true },
    { name: 'status', type: 'code', repeats: true },
  ],
  async handle(context: FhirContext, { id, inputs }: Call): Promise<Answer> {
    const [ids, states] = [inputs.get('id') ?? [], inputs.get('status') ?? []] as string[][]
    const found = id === undefined ? await theirSubscriptions(context, ids ?? []) : [await oneSubscription(context, id)]
    const asked = found.filter(({ state }) => id !== undefined || states?.length === 0 || states?.includes(state))
    const counts = await countEvents(
      context.writeBack.store,
      asked.map(({ _id }) => _id),
    )
    const entry = asked.map((subscription) => ({
      fullUrl: `urn:uuid:${randomUUID()}`,
      resource: statusOf({ type: 'query-status', subscription, count: counts.get(subscription._id) ?? 0 }),
      search: { mode: 'match' },
    }))
    return resourceAnswer('status', { resourceType: 'Bundle', type: 'searchset', total: entry.length, entry })
  },
}
