/**
 * A client as somebody asks for it, an operator or a stranger who registers, made into what is stored. All rules about
 * clients are here; who may have what of it (approval, introspection, a tenant) is for the caller to say.
 */
import type { ClientDocument, ClientGrant, ClientKind, ClientState } from '../../store/clients.ts'
import { newClientId, newSecret } from '../../store/clients.ts'
import { clientKeys } from './client-jwks.ts'
import { ClientRefusal } from './client-refusal.ts'
import { clientScopes, LAUNCH_CREATE } from './client-scope.ts'
import { isInternalHost, isLoopbackHost } from '../../outbound/network-address.ts'
import { assertRedirectUri } from './redirect-uris.ts'

export interface ClientWish {
  readonly name: string
  readonly kind: ClientKind
  readonly redirectUris: readonly string[]
  readonly scope: string
  readonly jwks?: unknown
  readonly jwksUri?: string
  readonly launchUrl?: string
  readonly logoUri?: string
  readonly publisher?: string
  readonly native: boolean
  /** where it wants less than what it could have */
  readonly grants?: readonly ClientGrant[]
}

/** What is for the clinic to say, not for the client. */
export interface ClientTerms {
  readonly tenant: string
  readonly state: ClientState
  readonly introspects: boolean
  readonly verified: boolean
  readonly by: string
  /** keys may be fetched from this machine, as developers do */
  readonly loopback: boolean
}

export interface NewClient {
  readonly client: ClientDocument
  /** of a symmetric client: to be shown now, and never again */
  readonly secret?: string
}

const REDIRECTS = 20
const TEXT = 200
const LONGEST = 2000

export function newClient(wish: ClientWish, terms: ClientTerms): NewClient {
  const scopes = clientScopes(wish.scope)
  if (terms.state === 'pending' && scopes.includes(LAUNCH_CREATE)) {
    throw new ClientRefusal(`${LAUNCH_CREATE} is given by the clinic, not asked for.`)
  }
  const grants = wantedGrants(wish, clientGrants(wish, scopes))
  assertUsable(wish, grants, terms)
  const made = wish.kind === 'symmetric' ? newSecret() : undefined
  const { tenant: t, loopback: _, ...decided } = terms
  const client: ClientDocument = {
    ...{ _id: newClientId(), t, name: shortText(wish.name, 'name'), kind: wish.kind, ...decided },
    ...{ redirectUris: redirectUris(wish), scope: scopes.join(' '), grants, secrets: made ? [made.stored] : [] },
    ...keysOf(wish, terms),
    ...(wish.launchUrl !== undefined && { launchUrl: pageAddress(wish.launchUrl, 'launch', terms) }),
    ...(wish.logoUri !== undefined && { logoUri: pageAddress(wish.logoUri, 'logo', terms) }),
    ...(wish.publisher !== undefined && { publisher: shortText(wish.publisher, 'publisher') }),
    ...{ native: wish.native, created: new Date() },
  }
  return made ? { client, secret: made.secret } : { client }
}

/** Whoever has users has redirect URIs; a service of its own proves itself by a key (SMART 2.2, backend services). */
export function clientGrants(
  { kind, redirectUris }: Pick<ClientDocument, 'kind' | 'redirectUris'>,
  scopes: readonly string[],
): ClientGrant[] {
  const asService = kind === 'asymmetric' && scopes.some((scope) => scope.startsWith('system/'))
  return [
    ...(redirectUris.length > 0 ? (['authorization_code', 'refresh_token'] as const) : []),
    ...(asService ? (['client_credentials'] as const) : []),
  ]
}

function wantedGrants({ grants }: ClientWish, possible: readonly ClientGrant[]): readonly ClientGrant[] {
  const missing = grants?.find((grant) => !possible.includes(grant))
  if (missing === undefined) return grants ? possible.filter((grant) => grants.includes(grant)) : possible
  throw new ClientRefusal(
    missing === 'client_credentials'
      ? 'client_credentials are for clients that prove themselves by private_key_jwt and ask for system/ scopes.'
      : `${missing} needs a redirect URI.`,
  )
}

function assertUsable(wish: ClientWish, grants: readonly ClientGrant[], { introspects }: ClientTerms): void {
  if (grants.length > 0 || (introspects && wish.kind !== 'public')) return
  throw new ClientRefusal(
    wish.kind === 'asymmetric'
      ? 'A client without redirect URI is a backend service, which needs system/ scopes.'
      : 'A client with a secret, or with none, needs a redirect URI: backend services prove themselves by a key.',
    wish.kind === 'asymmetric' ? 'invalid_client_metadata' : 'invalid_redirect_uri',
  )
}

function redirectUris({ redirectUris: uris, native }: ClientWish): string[] {
  if (uris.length > REDIRECTS) throw new ClientRefusal(`More than ${REDIRECTS} redirect URIs.`, 'invalid_redirect_uri')
  for (const uri of uris) assertRedirectUri(uri, native)
  return [...new Set(uris)]
}

function keysOf(
  { kind, jwks, jwksUri }: ClientWish,
  { loopback }: ClientTerms,
): Pick<ClientDocument, 'jwks' | 'jwksUri'> {
  const sources = [jwks, jwksUri].filter((source) => source !== undefined).length
  if (kind !== 'asymmetric') {
    if (sources > 0) throw new ClientRefusal('Keys are for clients that prove themselves by private_key_jwt.')
    return {}
  }
  if (sources !== 1) throw new ClientRefusal('A client with a key gives either its key set or the address of it.')
  return jwksUri === undefined ? { jwks: clientKeys(jwks) } : { jwksUri: fetchedAddress(jwksUri, loopback) }
}

/** An address that the gateway itself will call. */
function fetchedAddress(text: string, loopback: boolean): string {
  const url = URL.parse(text)
  if (loopback && url?.protocol === 'http:' && isLoopbackHost(url.hostname)) return text
  if (url?.protocol === 'https:' && !isInternalHost(url.hostname) && url.username === '') return text
  throw new ClientRefusal('The address of the key set must be https and outside of private networks.')
}

/** An address that browsers will call: within the clinic only when the clinic itself says so. */
function pageAddress(text: string, what: string, { state }: ClientTerms): string {
  const url = URL.parse(text)
  if (url && url.username === '' && text.length < LONGEST) {
    const isKnown = state === 'approved'
    if (url.protocol === 'https:' && (isKnown || !isInternalHost(url.hostname))) return text
    if (url.protocol === 'http:' && isKnown && isLoopbackHost(url.hostname)) return text
  }
  throw new ClientRefusal(`The address of the ${what} must be https, and outside of private networks.`)
}

/** Shown to people who decide by it: no line breaks, and nothing that turns the direction of writing. */
function shortText(text: string, what: string): string {
  const tidy = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim()
  if (tidy === '' || tidy.length > TEXT) throw new ClientRefusal(`The ${what} must have 1 to ${TEXT} characters.`)
  return tidy
}
