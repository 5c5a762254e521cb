/**
 * The authorization server: oidc-provider, told what SMART App Launch 2.2 asks of it. What it cannot do stands in files
 * of its own (src/smart/smart.ts lists them).
 */
import { Provider, errors } from 'oidc-provider'
import type { Account, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { Credential } from '../access/credential.ts'
import type { AccountDocument } from '../store/accounts.ts'
import { OAUTH } from '../http/oauth.ts'
import type { Store } from '../store/collections.ts'
import { useGrant } from '../store/grants.ts'
import type { LaunchContext } from '../store/grants.ts'
import { adapterFactory } from './adapter.ts'
import type { Bases } from './bases.ts'
import { CLOCK_TOLERANCE } from './clients/client-assertion.ts'
import { assertionRules, compareSecretsByHash, knownClient } from './clients/client-authentication.ts'
import { originsOf } from './clients/client-origins.ts'
import { EXTRA_METADATA } from './clients/client-metadata.ts'
import type { KnownClient } from './clients/client-metadata.ts'
import { errorPage } from './error-page.ts'
import { finishAnswer } from './finished-answer.ts'
import type { FinishOptions } from './finished-answer.ts'
import { checkLaunch } from './launch/launch.ts'
import { LIFETIMES } from './lifetimes.ts'
import { grantable, grantableToService, OPENID_SCOPES, requestedScopes } from './requested-scopes.ts'
import type { TokenFacts } from './introspection/introspection-answer.ts'
import { mayIntrospect } from './introspection/introspection.ts'
import { sessionSeconds } from './session/session-time.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface ProviderOptions extends FinishOptions {
  readonly store: Store
  /** public origin */
  readonly issuer: string
  readonly bases: Bases
  readonly signingKeys: SigningKeys
  readonly cookieKey: Buffer
  /** undefined: nobody, or nobody any more */
  accountOf(id: string): Promise<AccountDocument | undefined>
  userOf(account: AccountDocument): Promise<NonNullable<Credential['user']>>
}

/** What a token is issued for, stored with it: all that a check of it needs. */
export interface TokenExtra {
  readonly tenant: string
  readonly launch: LaunchContext
  readonly user?: Credential['user']
}

const ROUTES = {
  authorization: OAUTH.authorize,
  introspection: OAUTH.introspect,
  jwks: OAUTH.jwks,
  revocation: OAUTH.revoke,
  token: OAUTH.token,
} as const

export function createProvider(options: ProviderOptions): Provider {
  const provider = new Provider(options.issuer, configurationOf(options))
  // What stands in front of the gateway is told by smart.ts, and by nobody else
  provider.proxy = true
  compareSecretsByHash(provider)
  provider.use(async (ctx, next) => {
    await next()
    if ((ctx as Partial<KoaContextWithOIDC>).oidc) await finishAnswer(ctx as KoaContextWithOIDC, options)
  })
  return provider
}

function configurationOf(options: ProviderOptions): Configuration {
  const { store, issuer, signingKeys, cookieKey, clients } = options
  return {
    adapter: adapterFactory({ store, client: (id) => knownClient(clients, id) }),
    ...protocol,
    assertJwtClientAuthClaimsAndHeader: assertionRules(issuer),
    jwks: { keys: signingKeys.keys },
    cookies: cookies(cookieKey),
    extraClientMetadata: { properties: EXTRA_METADATA },
    interactions: { url: (_ctx, { uid }) => `/oauth/interaction/${uid}` },
    findAccount: async (_ctx, id) => accountFor(options, await options.accountOf(id)),
    extraTokenClaims: (_ctx, token) => extraOf(options, token as TokenLike),
    features: features(options),
    extraParams: {
      aud: (ctx, value, client) => checkAudience(options, ctx, value, client as unknown as KnownClient),
      launch: (ctx, value, client) => checkLaunch(store, ctx, value, client.clientId),
    },
    clientBasedCORS: (_ctx, origin, { redirectUris = [] }) => originsOf(redirectUris).includes(origin),
    renderError: errorPage,
  }
}

const protocol = {
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'], idTokenSigningAlgValues: ['RS256'] },
  clockTolerance: CLOCK_TOLERANCE,
  responseTypes: ['code'],
  scopes: [...OPENID_SCOPES],
  claims: { openid: ['sub'], fhirUser: ['fhirUser'], profile: ['name'] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  routes: ROUTES,
  ttl: { ...LIFETIMES, Session: (_ctx, session) => sessionSeconds(session) },
  rotateRefreshToken: true,
  issueRefreshToken: (_ctx, client, { scopes }) =>
    client.grantTypeAllowed('refresh_token') && (scopes.has('offline_access') || scopes.has('online_access')),
  expiresWithSession: (_ctx, { scopes }) => !scopes.has('offline_access'),
  // One grant a launch: two launches of an app in one session keep their patients apart
  loadExistingGrant: ({ oidc }) => {
    const grant = oidc.result?.consent?.grantId
    return grant === undefined ? Promise.resolve(undefined) : oidc.provider.Grant.find(grant)
  },
} satisfies Configuration

function cookies(key: Buffer): NonNullable<Configuration['cookies']> {
  const usual = { httpOnly: true, sameSite: 'lax', signed: true } as const
  return {
    keys: [key.toString('base64url')],
    names: { session: 'isthmus.oauth', interaction: 'isthmus.interaction', resume: 'isthmus.resume' },
    long: usual,
    short: usual,
  }
}

function features(options: ProviderOptions): Configuration['features'] {
  const { store } = options
  return {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) =>
        mayIntrospect(store, client as unknown as KnownClient & { readonly clientId: string }, token as TokenFacts),
    },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (ctx, client, oneOf) => oneOf ?? baseFor(options, ctx, client as unknown as KnownClient),
      useGrantedResource: () => true,
      getResourceServerInfo: async (ctx, resource, client) => {
        const { isthmus_scope: registered, isthmus_tenant: tenant } = client as unknown as KnownClient
        if ((await options.bases.tenantAt(resource)) !== tenant) throw new errors.InvalidTarget()
        const asked = requestedScopes(ctx)
        const isService = ctx.oidc.params?.['grant_type'] === 'client_credentials'
        const scopes = isService ? grantableToService(asked, registered) : grantable(asked, registered)
        return { audience: options.bases.of(tenant), scope: scopes.join(' '), accessTokenFormat: 'opaque' as const }
      },
    },
  }
}

/** A service does not say which base it means: that of its tenant. */
async function baseFor(
  { bases }: ProviderOptions,
  { oidc }: KoaContextWithOIDC,
  { isthmus_tenant: tenant }: KnownClient,
): Promise<string | string[]> {
  if (oidc.params?.['grant_type'] === 'client_credentials') return bases.of(tenant)
  const aud = oidc.params?.['aud']
  const asked = typeof aud === 'string' ? await bases.tenantAt(aud) : undefined
  return asked === undefined ? [] : bases.of(asked)
}

/** SMART App Launch 2.2: an app names the FHIR base it wants to talk to, so that it is not sent to another's. */
async function checkAudience(
  { bases }: ProviderOptions,
  { oidc }: KoaContextWithOIDC,
  value: string | undefined,
  { isthmus_tenant: tenant }: KnownClient,
): Promise<void> {
  if (value === undefined) throw new errors.InvalidRequest('aud is required: the FHIR base the app wants to talk to')
  if ((await bases.tenantAt(value)) !== tenant)
    throw new errors.InvalidTarget('aud is no FHIR base that this app is for')
  const resource = oidc.params?.['resource']
  const base = bases.of(tenant)
  if (![resource].flat().every((each) => each === base || each === `${base}/`)) {
    throw new errors.InvalidTarget('aud and resource name different bases')
  }
}

function accountFor({ bases }: ProviderOptions, account: AccountDocument | undefined): Account | undefined {
  if (!account) return undefined
  const { _id: accountId, t, name, person } = account
  return {
    accountId,
    claims: () => ({ sub: accountId, name, ...(person !== undefined && { fhirUser: `${bases.of(t)}/${person}` }) }),
  }
}

interface TokenLike {
  readonly accountId?: string
  readonly grantId?: string
  readonly clientId?: string
  readonly client?: unknown
}

async function extraOf(options: ProviderOptions, token: TokenLike): Promise<TokenExtra & Record<string, unknown>> {
  const { accountId, grantId } = token
  if (accountId === undefined || grantId === undefined) {
    return { tenant: (token.client as KnownClient).isthmus_tenant, launch: {} }
  }
  const [account, grant] = await Promise.all([options.accountOf(accountId), useGrant(options.store, grantId)])
  if (!account || !grant) throw new errors.InvalidGrant('grant not found')
  return { tenant: grant.t, launch: grant.launch, user: await options.userOf(account) }
}
