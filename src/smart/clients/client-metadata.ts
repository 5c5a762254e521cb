/** A client as oidc-provider wants it told. SMART scopes have no place in its `scope`, which holds its own only. */
import type { AdapterPayload } from 'oidc-provider'
import type { ClientDocument } from '../../store/clients.ts'
import type { KeySet } from './client-jwks.ts'
import { OPENID_SCOPES } from '../requested-scopes.ts'

/** What is ours of a client, as oidc-provider hands it back. */
export interface KnownClient {
  readonly isthmus_scope: string
  readonly isthmus_tenant: string
  readonly isthmus_introspects: boolean
  /** where its keys are fetched from; oidc-provider is given the keys themselves */
  readonly isthmus_jwks_uri?: string
}

export const EXTRA_METADATA: (keyof KnownClient)[] = [
  'isthmus_scope',
  'isthmus_tenant',
  'isthmus_introspects',
  'isthmus_jwks_uri',
]

export const METHODS = {
  public: 'none',
  symmetric: 'client_secret_basic',
  asymmetric: 'private_key_jwt',
} as const

/** `keys`: those that it proves itself by in this request. */
export function clientMetadata(client: ClientDocument, keys: KeySet = { keys: [] }): AdapterPayload & KnownClient {
  const { _id, name, kind, redirectUris, grants, scope, native, jwksUri, secrets } = client
  const method = METHODS[kind]
  const own = OPENID_SCOPES.filter((each) => scope.split(' ').includes(each))
  return {
    client_id: _id,
    client_name: name,
    redirect_uris: [...redirectUris],
    grant_types: [...grants],
    response_types: grants.includes('authorization_code') ? ['code'] : [],
    application_type: native ? 'native' : 'web',
    token_endpoint_auth_method: method,
    ...(own.length > 0 && { scope: own.join(' ') }),
    ...(kind === 'asymmetric' && { jwks: { keys: [...keys.keys] } }),
    ...(kind === 'symmetric' && { client_secret: secrets.map(({ hash }) => hash).join(' ') }),
    isthmus_scope: scope,
    isthmus_tenant: client.t,
    isthmus_introspects: client.introspects,
    ...(jwksUri !== undefined && { isthmus_jwks_uri: jwksUri }),
  }
}
