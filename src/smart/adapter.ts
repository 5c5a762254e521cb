/**
 * oidc-provider's storage over the store. What may be used once is used once here: the library looks and then writes, so
 * of two at the same moment both would pass.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { errors } from 'oidc-provider'
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'
import { consume, findAuthorization, findByUid, keep, keepOnce, remove, revokeTokens } from '../store/authorization.ts'
import type { Payload } from '../store/authorization.ts'
import { isApproved } from '../store/clients.ts'
import type { Store } from '../store/collections.ts'

export interface AdapterOptions {
  readonly store: Store
  /** metadata of an app that may ask; undefined: there is none */
  readonly client: (id: string) => Promise<AdapterPayload | undefined>
}

export function adapterFactory(options: AdapterOptions): AdapterFactory {
  return (model) => (model === 'Client' ? clientAdapter(options) : adapterOf(options.store, model))
}

function adapterOf(store: Store, model: string): Adapter {
  const upsert = model === 'ReplayDetection' ? onceOnly(store) : keptIn(store, model)
  return {
    upsert,
    find: (id) => findSettled(store, model, id),
    findByUid: (uid) => findByUid(store, model, uid),
    findByUserCode: () => Promise.resolve(undefined),
    async consume(id) {
      if (await consume(store, model, id)) return
      const grant = (await findSettled(store, model, id))?.['grantId']
      if (typeof grant === 'string') await revokeTokens(store, { grant })
      throw new errors.InvalidGrant('it was used already')
    },
    destroy: (id) => remove(store, model, id),
    revokeByGrantId: (grant) => revokeTokens(store, { grant }),
  }
}

/** So long whoever uses a code or a refresh token may take until what it is used for is there. */
const LONGEST = 10_000
const TICK = 20

/**
 * Whoever comes with what somebody else is just using ends all that comes of it (RFC 9700 §4.14.2), but not before it has
 * come: otherwise of two that come at once none would be answered, and what one was given might outlive the end.
 */
async function findSettled(store: Store, model: string, id: string): Promise<Payload | undefined> {
  for (;;) {
    const found = await findAuthorization(store, model, id)
    const used = found?.['consumed']
    if (typeof used !== 'number' || found?.['settled'] === true || Date.now() > used * 1000 + LONGEST) return found
    await sleep(TICK)
  }
}

function keptIn(store: Store, model: string): Adapter['upsert'] {
  return async (id, payload, seconds) => {
    if (!(await keep(store, model, id, payload, seconds))) throw new errors.InvalidGrant('grant not found')
    // A service has no grant to be ended: whoever suspends it does so before its tokens are looked for
    if (model !== 'ClientCredentials' || (await isApproved(store, payload.clientId ?? ''))) return
    await remove(store, model, id)
    throw new errors.InvalidClientAuth('the client was suspended meanwhile')
  }
}

/** Of assertions with one `jti` (RFC 7523 §3) the first is taken. */
function onceOnly(store: Store): Adapter['upsert'] {
  return async (id, payload, seconds) => {
    if (await keepOnce(store, 'ReplayDetection', id, payload, seconds)) return
    throw new errors.InvalidClientAuth('client assertion tokens must only be used once')
  }
}

function clientAdapter({ client }: AdapterOptions): Adapter {
  const never = (): Promise<never> => Promise.reject(new Error('apps are not registered through oidc-provider'))
  return {
    find: client,
    upsert: never,
    findByUid: never,
    findByUserCode: never,
    consume: never,
    destroy: never,
    revokeByGrantId: never,
  }
}
