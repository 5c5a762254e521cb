/** Backend services: their keys, and what they sign with them. jose only, as any service would use it. */
import { randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWK, JWTHeaderParameters, JWTPayload } from 'jose'

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export interface ServiceKey {
  readonly alg: string
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export async function serviceKey(alg = 'ES384'): Promise<ServiceKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const bare = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(bare)
  return { alg, kid, privateKey, publicJwk: { ...bare, kid } }
}

/** What an app is registered with that asks for tokens by itself. */
export function serviceWish({ publicJwk }: ServiceKey, scope: string) {
  return { kind: 'asymmetric', redirectUris: [], scope, jwks: { keys: [publicJwk] } } as const
}

export interface Assertion {
  readonly key: ServiceKey
  readonly client: string
  readonly audience: string
  /** others than the usual; undefined: without it */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

export function now(): number {
  return Math.floor(Date.now() / 1000)
}

export function signed({ key, client, audience, claims, header }: Assertion): Promise<string> {
  const usual = { iss: client, sub: client, aud: audience, exp: now() + 60, jti: randomUUID() }
  const payload = defined({ ...usual, ...claims }) as JWTPayload
  return new SignJWT(payload)
    .setProtectedHeader(defined({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header }) as JWTHeaderParameters)
    .sign(key.privateKey)
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

/** What proves the client in a form. */
export async function proof(assertion: Assertion): Promise<Readonly<Record<string, string>>> {
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: await signed(assertion) }
}
