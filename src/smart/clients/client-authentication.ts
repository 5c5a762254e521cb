/**
 * How clients prove who they are at the token endpoint, at introspection and at revocation: oidc-provider reads the
 * request, and what it knows of a client, how a secret is compared and what an assertion must say comes from here.
 */
import type { IncomingMessage } from 'node:http'
import { timingSafeEqual } from 'node:crypto'
import { errors, Provider } from 'oidc-provider'
import type { AdapterPayload, Configuration, KoaContextWithOIDC } from 'oidc-provider'
import { OAUTH } from '../../http/oauth.ts'
import { findClient, hashOfSecret } from '../../store/clients.ts'
import type { ClientDocument } from '../../store/clients.ts'
import type { Store } from '../../store/collections.ts'
import type { Brake } from './brake.ts'
import { assertAssertion, claimedIn } from './client-assertion.ts'
import type { KeySet } from './client-jwks.ts'
import type { ClientKeys } from './client-keys.ts'
import { clientMetadata } from './client-metadata.ts'
import type { KnownClient } from './client-metadata.ts'

export interface ClientAuthenticationOptions {
  readonly store: Store
  readonly issuer: string
  readonly keysOf: ClientKeys
  /** of who tries secrets */
  readonly brake: Brake
  readonly addressOf: (request: IncomingMessage) => string
}

const AUTHENTICATING: readonly (string | undefined)[] = ['token', 'introspection', 'revocation']

/** Metadata of a client that may do anything at all, with the keys that its assertion may be signed by. */
export async function knownClient(
  options: ClientAuthenticationOptions,
  id: string,
): Promise<AdapterPayload | undefined> {
  const { ctx } = Provider
  if (!ctx || !AUTHENTICATING.includes(ctx.oidc.route)) return metadataOf(await findClient(options.store, id))
  slowDown(options, ctx, id)
  const client = await findClient(options.store, id)
  if (!client) slowDown(options, ctx, NOBODY)
  const claimed = claimedIn(ctx.oidc.params?.['client_assertion'])
  return metadataOf(client, client && claimed.client === id ? await options.keysOf(client, claimed.kid) : undefined)
}

function metadataOf(client: ClientDocument | undefined, keys?: KeySet): AdapterPayload | undefined {
  return client?.state === 'approved' ? clientMetadata(client, keys) : undefined
}

/** Under this name all are counted who are not known. */
const NOBODY = ''

function slowDown({ brake, addressOf }: ClientAuthenticationOptions, ctx: KoaContextWithOIDC, client: string): void {
  const seconds = brake.wait(nameOf(client, addressOf(ctx.req)))
  if (seconds === undefined) return
  ctx.set('Retry-After', String(seconds))
  throw new SlowDown(seconds)
}

class SlowDown extends errors.OIDCProviderError {
  constructor(seconds: number) {
    super(429, 'temporarily_unavailable')
    this.error_description = `too many failed attempts: try again in ${seconds} seconds`
  }
}

/** Others at the same address, and the client at its own, are not kept from anything. */
function nameOf(client: string, address: string): string {
  return `${client} ${address}`
}

/** What oidc-provider asks after it has verified signature and lifetime, and before the `jti` is used up. */
export function assertionRules(issuer: string): NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> {
  const audiences = [issuer + OAUTH.token, issuer]
  return (_ctx, claims, header, client) => {
    const { isthmus_jwks_uri: jwksUri } = client as unknown as KnownClient
    assertAssertion(header, claims, { client: client.clientId, jwksUri, audiences })
  }
}

/** Secrets are known as hashes only: `client_secret` of the metadata holds those, separated by spaces. */
export function compareSecretsByHash(provider: Provider): void {
  const { prototype } = provider.Client as unknown as { prototype: { compareClientSecret: unknown } }
  prototype.compareClientSecret = function (this: { readonly clientSecret: string }, secret: string): boolean {
    const hash = Buffer.from(hashOfSecret(secret))
    const fits = this.clientSecret.split(' ').map((each) => timingSafeEqual(Buffer.from(each), hash))
    return fits.includes(true)
  }
}

/** Counts who tried a secret that is none. An assertion that is wrong is nothing that one comes nearer by trying. */
export async function countFailure(
  { brake, addressOf }: ClientAuthenticationOptions,
  { oidc, status, body, req }: KoaContextWithOIDC,
): Promise<void> {
  if (status !== 401 || (body as { error?: string } | undefined)?.error !== 'invalid_client') return
  if (req.headers.authorization === undefined && oidc.params?.['client_secret'] === undefined) return
  await brake.failed(nameOf(oidc.client?.clientId ?? NOBODY, addressOf(req)))
}
