/**
 * `Subscription/[id]/$events`: what a receiver missed (Subscriptions R5 Backport, backport-subscription-events). Who asks
 * sees of each event what they may see now.
 */
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { NotifiedContent } from '../../store/subscription-documents.ts'
import { countEvents, readEvents } from '../../store/subscription-events.ts'
import type { FhirContext } from '../context.ts'
import { oneSubscription } from '../subscriptions/asked.ts'
import { BACKPORT } from '../subscriptions/canonicals.ts'
import { notificationText, seenEvents } from '../subscriptions/notification.ts'
import type { Inputs } from './inputs.ts'
import { textInput } from './inputs.ts'
import type { Call, Operation } from './operation.ts'

/** Events in one answer: of more the first are given, and their numbers say from where to go on. */
const MOST = 1_000

export const subscriptionEvents: Operation = {
  code: 'events',
  definition: BACKPORT.operation('events'),
  levels: ['instance'],
  access: 'reads',
  resources: ['Subscription'],
  inputs: [
    { name: 'eventsSinceNumber', type: 'string' },
    { name: 'eventsUntilNumber', type: 'string' },
    { name: 'content', type: 'code' },
  ],
  async handle(context: FhirContext, { id = '', inputs }: Call): Promise<Answer> {
    const { writeBack, request, limits } = context
    const { store } = writeBack
    const from = numberIn(inputs, 'eventsSinceNumber') ?? 1
    const to = numberIn(inputs, 'eventsUntilNumber')
    const content = contentIn(inputs)
    const subscription = await oneSubscription(context, id)
    const limit = Math.min(MOST, limits.pageSize)
    const found = await readEvents(store, subscription._id, { from, ...(to !== undefined && { to }) }, limit)
    const events = await seenEvents(store, request.caller.permit, found)
    const count = (await countEvents(store, [subscription._id])).get(subscription._id) ?? 0
    const given = content ?? subscription.wish.channel.content ?? 'id-only'
    if (given !== 'empty') request.trail?.saw(events.flatMap(({ version }) => version ?? []))
    const body = notificationText({ type: 'query-event', subscription, count, events, content: given })
    return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'events' }
  },
}

function numberIn(inputs: Inputs, name: string): number | undefined {
  const text = textInput(inputs, name)
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new GatewayError('GW_BAD_REQUEST', `"${name}" is the number of an event.`)
}

const CONTENTS: readonly string[] = ['empty', 'id-only', 'full-resource']

function contentIn(inputs: Inputs): NotifiedContent | undefined {
  const code = textInput(inputs, 'content')
  if (code === undefined || CONTENTS.includes(code)) return code as NotifiedContent | undefined
  throw new GatewayError('GW_BAD_REQUEST', '"content" is one of empty, id-only and full-resource.')
}
