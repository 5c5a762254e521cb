/** What of the scopes that an app asks for can be granted: the rest is dropped, and a person may drop more. */
import { errors } from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { isClearance } from '../access/clearance.ts'
import { isPurposeWord } from '../access/purpose.ts'
import { readScope, scopesWithin } from '../access/scope.ts'
import { isOwnScope } from './clients/client-scope.ts'
import { LAUNCH_CONTEXT } from './launch/context-scopes.ts'

/** Those that are oidc-provider's own business. */
export const OPENID_SCOPES = ['openid', 'fhirUser', 'profile', 'offline_access', 'online_access'] as const

/** Scopes of the request in hand, be it for a code, by a code or by a refresh token. */
export function requestedScopes({ oidc }: KoaContextWithOIDC): string[] {
  const { params, entities } = oidc
  const scope = params?.['scope'] ?? entities.AuthorizationCode?.scope ?? entities.RefreshToken?.scope
  return typeof scope === 'string' ? scope.split(' ') : []
}

/** With a person: what the app was registered for, at the levels that a person can grant. */
export function grantable(requested: readonly string[], registered: string): string[] {
  return scopesWithin(requested.join(' '), registered).filter((scope) => {
    const level = readScope(scope)?.level
    return level === undefined ? isOfSession(scope) : level !== 'system'
  })
}

function isOfSession(scope: string): boolean {
  const isOpenId = (OPENID_SCOPES as readonly string[]).includes(scope)
  return isOpenId || scope === 'launch' || LAUNCH_CONTEXT.test(scope) || isOwnScope(scope)
}

/** Without one: all of it or nothing (SMART backend services §Scopes). Throws InvalidScope. */
export function grantableToService(requested: readonly string[], registered: string): string[] {
  if (requested.length === 0) throw new errors.InvalidScope('a service says which scopes it asks for', '')
  const isOfService = (scope: string): boolean =>
    readScope(scope)?.level === 'system' || isClearance(scope) || isPurposeWord(scope)
  const wrong = requested.find((scope) => !isOfService(scope) || scopesWithin(scope, registered).length === 0)
  if (wrong !== undefined)
    throw new errors.InvalidScope('the service was not registered for a scope it asks for', wrong)
  return [...requested]
}
