/**
 * `Subscription/$get-ws-binding-token`: with which token, and where, a websocket is bound to subscriptions (Subscriptions R5
 * Backport, backport-subscription-get-ws-binding-token).
 */
import type { Answer } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { addBinding } from '../../store/bindings.ts'
import type { FhirContext } from '../context.ts'
import { oneSubscription, theirSubscriptions } from '../subscriptions/asked.ts'
import { BACKPORT } from '../subscriptions/canonicals.ts'
import { placeOf } from '../subscriptions/notification.ts'
import { socketUrl } from '../subscriptions/socket-address.ts'
import type { Call, Operation } from './operation.ts'
import { parametersAnswer } from './parameters.ts'

/** Milliseconds in which a token can be used: a connection that goes on needs another one then. */
const LIFETIME = 30 * 60_000

export const wsBindingToken: Operation = {
  code: 'get-ws-binding-token',
  definition: BACKPORT.operation('get-ws-binding-token'),
  levels: ['type', 'instance'],
  access: 'reads',
  resources: ['Subscription'],
  inputs: [{ name: 'id', type: 'id', repeats: true }],
  async handle(context: FhirContext, { id, inputs }: Call): Promise<Answer> {
    const { request, permit, writeBack } = context
    const ids = (inputs.get('id') ?? []) as string[]
    const found = id === undefined ? await theirSubscriptions(context, ids) : [await oneSubscription(context, id)]
    const bound = found.filter(({ wish, state }) => wish.channel.type === 'websocket' && state !== 'off')
    if (bound.length === 0) {
      throw new GatewayError(
        'GW_NOT_STORABLE',
        'None of these Subscriptions is on and has a websocket for its channel.',
      )
    }
    const expires = new Date(Date.now() + LIFETIME)
    const subscriptions = bound.map(({ _id }) => _id)
    const token = await addBinding(writeBack.store, { t: permit.tenant, subscriptions, expires })
    return parametersAnswer('get-ws-binding-token', [
      { name: 'token', valueString: token },
      { name: 'expiration', valueDateTime: expires.toISOString() },
      ...subscriptions.map((each) => ({ name: 'subscription', valueString: placeOf(each) })),
      { name: 'websocket-url', valueUrl: socketUrl(request.base) },
    ])
  },
}
