/** A client as oidc-provider wants it told. SMART scopes have no place in its `scope`, which holds its own only. */
import type { AdapterPayload } from 'oidc-provider'
import type { ClientDocument } from '../store/clients.ts'
import { OPENID_SCOPES } from './requested-scopes.ts'

/** What is ours of a client, as oidc-provider hands it back. */
export interface KnownClient {
  readonly isthmus_scope: string
  readonly isthmus_tenant: string
}

export const EXTRA_METADATA = ['isthmus_scope', 'isthmus_tenant'] satisfies (keyof KnownClient)[]

const METHODS = {
  public: 'none',
  symmetric: 'client_secret_basic',
  asymmetric: 'private_key_jwt',
} as const

export function clientMetadata(client: ClientDocument): AdapterPayload & KnownClient {
  const { _id, name, kind, redirectUris, grants, scope, native, jwks, jwksUri, secrets } = client
  const method = METHODS[kind]
  return {
    client_id: _id,
    client_name: name,
    redirect_uris: [...redirectUris],
    grant_types: [...grants],
    response_types: grants.includes('authorization_code') ? ['code'] : [],
    application_type: native ? 'native' : 'web',
    token_endpoint_auth_method: method,
    scope: OPENID_SCOPES.filter((each) => scope.split(' ').includes(each)).join(' '),
    ...(jwks && { jwks: jwks }),
    ...(jwksUri !== undefined && { jwks_uri: jwksUri }),
    ...(kind === 'symmetric' && { client_secret: secrets.map(({ hash }) => hash).join(' ') }),
    isthmus_scope: scope,
    isthmus_tenant: client.t,
  }
}
