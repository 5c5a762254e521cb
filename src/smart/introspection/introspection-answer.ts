/** What is told of a token (RFC 7662 §2.2; SMART App Launch 2.2 §Token introspection): as its app was told, no more. */
import type { TokenExtra } from '../provider.ts'

/** A token as oidc-provider has it, or as it is stored. */
export interface TokenFacts {
  readonly kind: string
  readonly clientId?: string
  readonly accountId?: string
  readonly scope?: string
  readonly aud?: string | readonly string[]
  readonly iat?: number
  readonly exp?: number
  readonly extra?: unknown
}

/** "a response of active false and nothing more" (RFC 7662 §2.2) */
export const INACTIVE = { active: false } as const

export function introspected(token: TokenFacts, issuer: string): object {
  const { kind, clientId, accountId, scope = '', aud, iat, exp } = token
  const { launch, user } = (token.extra ?? { launch: {} }) as TokenExtra
  const scopes = scope.split(' ')
  const base = [aud].flat()[0]
  const person = scopes.includes('fhirUser') && base !== undefined ? user?.person : undefined
  return {
    active: true,
    ...{ scope, client_id: clientId, exp, iat, iss: issuer },
    ...(kind !== 'RefreshToken' && { token_type: 'Bearer' }),
    ...(aud !== undefined && { aud }),
    // what an id_token says, where there was one
    ...(scopes.includes('openid') && { sub: accountId }),
    ...(person !== undefined && { fhirUser: `${base ?? ''}/${person}` }),
    ...launch,
  }
}
