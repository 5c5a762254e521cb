/** `/app/process-draft-notifications`: reminds all whose drafts have waited long enough, whoever asks for it. */
import { everythingOf } from '../../../access/permit.ts'
import { notifyDrafts } from '../draft-notifications.ts'
import type { Endpoint } from '../endpoint.ts'

export const processDraftNotifications: Endpoint = {
  asked: () => ({ kind: '$process-draft-notifications', action: 'E', target: 'ServiceRequest' }),
  async handle(call) {
    const permit = everythingOf(call.source.tenant)
    const data = await notifyDrafts({ ...call, change: (changes) => call.change(changes, permit) })
    return { message: 'Draft notifications processed successfully', data }
  },
}
