/**
 * What the token and revocation endpoints did, in the audit before the answer goes out (IHE IUA, ITI-71 and its audit
 * message): to which app, for whom, with which scopes. An access token is named by the hash that its uses are on record by;
 * no token, code, secret or assertion is in it.
 */
import { hash } from 'node:crypto'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { actEvent } from '../audit/act.ts'
import type { Act } from '../audit/act.ts'
import { addAudit } from '../store/audit.ts'
import type { AuditAgent } from '../store/audit-documents.ts'
import type { ClientAuthenticationOptions } from './clients/client-authentication.ts'
import type { KnownClient } from './clients/client-metadata.ts'
import type { TokenExtra } from './provider.ts'

type Recording = Pick<ClientAuthenticationOptions, 'store' | 'addressOf'>

export async function recordOauth(ctx: KoaContextWithOIDC, { store, addressOf }: Recording): Promise<void> {
  const act = actOf(ctx)
  if (act) await addAudit(store, [actEvent({ ...act, who: { ...act.who, address: addressOf(ctx.req) } })])
}

type Issued = Pick<Act, 'kind' | 'action' | 'query' | 'what'> & { readonly who: AuditAgent }

function actOf(ctx: KoaContextWithOIDC): Act | undefined {
  const { route, client } = ctx.oidc
  if (route !== 'token' && route !== 'revocation') return undefined
  const { isthmus_tenant: tenant = 'default' } = (client ?? {}) as Partial<KnownClient>
  return { tenant, status: ctx.status, ...(route === 'token' ? issued(ctx) : revoked(ctx)) }
}

/** `refresh`: by a refresh token, `token`: by anything else. */
function issued({ oidc, body }: KoaContextWithOIDC): Issued {
  const { grant_type: grant } = oidc.params ?? {}
  const token = oidc.entities.AccessToken ?? oidc.entities.ClientCredentials
  const { access_token: text } = (body ?? {}) as { readonly access_token?: string }
  const { user, launch } = (token?.extra ?? {}) as Partial<TokenExtra>
  return {
    kind: grant === 'refresh_token' ? 'refresh' : 'token',
    action: 'E',
    who: {
      ...clientOf(oidc),
      ...(user && { account: user.account, ...(user.person !== undefined && { person: user.person }) }),
      ...(text !== undefined && { token: hash('sha256', text, 'base64url') }),
    },
    query: asked(grant, token?.scope),
    ...(launch?.patient !== undefined && { what: [{ p: [launch.patient], n: [`Patient/${launch.patient}`] }] }),
  }
}

/** An app gives back what it has; the answer is the same where there was nothing. */
function revoked({ oidc }: KoaContextWithOIDC): Issued {
  const { accountId: account } = oidc.entities.RefreshToken ?? oidc.entities.AccessToken ?? {}
  return {
    kind: 'revocation',
    action: 'D',
    who: { ...clientOf(oidc), ...(account !== undefined && { account }) },
  }
}

function clientOf({ client }: KoaContextWithOIDC['oidc']): AuditAgent {
  return client ? { client: client.clientId } : { name: 'unknown' }
}

const GRANTS: readonly unknown[] = ['authorization_code', 'refresh_token', 'client_credentials']

/** What a stranger sends may be anything. */
function asked(grant: unknown, scope: string | undefined): string {
  const named = GRANTS.includes(grant) ? String(grant) : 'other'
  return `grant_type=${named}${scope === undefined ? '' : ` scope=${scope}`}`
}
