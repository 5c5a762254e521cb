/**
 * oidc-provider's storage over the store. What may be used once is used once here: the library looks and then writes, so
 * of two at the same moment both would pass.
 */
import { errors } from 'oidc-provider'
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'
import { consume, findAuthorization, findByUid, keep, keepOnce, remove, revokeTokens } from '../store/authorization.ts'
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
    find: (id) => findAuthorization(store, model, id),
    findByUid: (uid) => findByUid(store, model, uid),
    findByUserCode: () => Promise.resolve(undefined),
    async consume(id) {
      if (!(await consume(store, model, id))) throw new errors.InvalidGrant('it was used already')
    },
    destroy: (id) => remove(store, model, id),
    revokeByGrantId: (grant) => revokeTokens(store, { grant }),
  }
}

function keptIn(store: Store, model: string): Adapter['upsert'] {
  return async (id, payload, seconds) => {
    if (!(await keep(store, model, id, payload, seconds))) throw new errors.InvalidGrant('grant not found')
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
