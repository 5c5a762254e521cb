/** What oidc-provider answers where SMART App Launch 2.2 or an RFC says more, or other words. */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { settle } from '../store/authorization.ts'
import type { Store } from '../store/collections.ts'
import type { LaunchContext } from '../store/grants.ts'
import { countFailure } from './clients/client-authentication.ts'
import type { ClientAuthenticationOptions } from './clients/client-authentication.ts'
import { finishIntrospection } from './introspection/introspection.ts'
import type { IntrospectionOptions } from './introspection/introspection.ts'
import { recordOauth } from './oauth-acts.ts'
import type { TokenExtra } from './provider.ts'

export interface FinishOptions {
  readonly clients: ClientAuthenticationOptions
  readonly introspection: IntrospectionOptions
}

export async function finishAnswer(ctx: KoaContextWithOIDC, options: FinishOptions): Promise<void> {
  const { route } = ctx.oidc
  if (route === 'token' || route === 'introspection') ctx.set('Pragma', 'no-cache')
  if (route === 'token') await finishToken(ctx, options.clients.store)
  if (route === 'introspection') await finishIntrospection(ctx, options.introspection)
  await countFailure(options.clients, ctx)
  await recordOauth(ctx, options.clients)
}

interface Refusal {
  readonly error: string
  readonly error_description?: string
}

async function finishToken(ctx: KoaContextWithOIDC, store: Store): Promise<void> {
  if (ctx.status === 200) {
    ctx.body = { ...(ctx.body as object), ...launchOf(ctx) }
    await settleUsed(store, ctx.oidc.params ?? {})
  } else if (ctx.status === 400) ctx.body = refusalOf(ctx, ctx.body as Refusal)
}

/** Whoever came with the same meanwhile is waiting (adapter.ts). */
async function settleUsed(store: Store, params: Readonly<Record<string, unknown>>): Promise<void> {
  const { code, refresh_token: refresh } = params
  if (typeof code === 'string') await settle(store, 'AuthorizationCode', code)
  if (typeof refresh === 'string') await settle(store, 'RefreshToken', refresh)
}

/** Goes beside the token (§Launch context arrives with your access_token). */
function launchOf({ oidc }: KoaContextWithOIDC): LaunchContext {
  return (oidc.entities.AccessToken?.extra as TokenExtra | undefined)?.launch ?? {}
}

const OF_CLIENTS = ['authorization_code', 'refresh_token', 'client_credentials']

function refusalOf({ oidc: { client, params } }: KoaContextWithOIDC, refusal: Refusal): Refusal {
  const grant = String(params?.['grant_type'])
  // RFC 6749 §5.2 has a word of its own for it
  if (client && refusal.error === 'invalid_request' && OF_CLIENTS.includes(grant) && !client.grantTypeAllowed(grant)) {
    return { ...refusal, error: 'unauthorized_client' }
  }
  if (grant === 'authorization_code' && isWrongVerifier(params?.['code_verifier']))
    return { ...refusal, error: 'invalid_grant' }
  if (grant !== 'refresh_token' || refusal.error !== 'invalid_grant') return refusal
  const why = 'the refresh token is unknown here, expired, revoked or was used already: the user has to sign in again'
  return { ...refusal, error_description: why }
}

/** RFC 7636 §4.1; one that has not even the form fits no challenge (§4.6). */
function isWrongVerifier(verifier: unknown): boolean {
  return typeof verifier === 'string' && verifier !== '' && !/^[\w\-.~]{43,128}$/.test(verifier)
}
