/**
 * The public keys of a client, by which it proves who it is (SMART 2.2, asymmetric authentication): each with a `kid` of
 * its own, RSA for RS384 or P-384 for ES384. Other kinds of keys may be in the set, for other purposes.
 */
import { createPublicKey } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import { ClientRefusal } from './client-refusal.ts'

export interface PublicKey extends JsonWebKey {
  readonly kid: string
}

export interface KeySet {
  readonly keys: readonly PublicKey[]
}

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const MOST = 20
const RSA_BITS = 2048

/** The set without what is not needed of it; a refusal says what is wrong with it. */
export function clientKeys(jwks: unknown): KeySet {
  const keys = (jwks as { keys?: unknown } | null)?.keys
  if (!Array.isArray(keys)) throw new ClientRefusal('The key set is no JWKS: an object with an array "keys".')
  if (keys.length > MOST) throw new ClientRefusal(`The key set has more than ${MOST} keys.`)
  const usable = keys.map(checkedKey).filter((key) => key !== undefined)
  const kids = new Set(usable.map(({ kid }) => kid))
  if (kids.size < usable.length) throw new ClientRefusal('Two keys of the key set have one kid.')
  if (usable.length === 0) throw new ClientRefusal('The key set has no key for RS384 (RSA) or ES384 (P-384).')
  return { keys: usable }
}

function checkedKey(key: unknown): PublicKey | undefined {
  const jwk: Readonly<Record<string, unknown>> = { ...(key as object | null) }
  if (PRIVATE.some((name) => name in jwk)) {
    throw new ClientRefusal('The key set holds private keys: give the public ones, and take these for known by others.')
  }
  const { kty, crv, n, e, x, y, kid, use, alg } = jwk
  const isRsa = kty === 'RSA'
  if (!isRsa && !(kty === 'EC' && crv === 'P-384')) return undefined
  if (use !== undefined && use !== 'sig') return undefined
  const wanted = isRsa ? 'RS384' : 'ES384'
  if (alg !== undefined && alg !== wanted) return undefined
  if (typeof kid !== 'string' || kid === '') throw new ClientRefusal('A key of the key set has no kid.')
  const bare = isRsa ? { kty, n, e } : { kty, crv, x, y }
  assertKey(bare as JsonWebKey, kid)
  return { ...bare, kid, use: 'sig', alg: wanted } as PublicKey
}

function assertKey(jwk: JsonWebKey, kid: string): void {
  let bits: number | undefined
  try {
    bits = createPublicKey({ key: jwk, format: 'jwk' }).asymmetricKeyDetails?.modulusLength
  } catch {
    throw new ClientRefusal(`The key ${kid.slice(0, 100)} of the key set is no key.`)
  }
  if (jwk.kty === 'RSA' && (bits ?? 0) < RSA_BITS) {
    throw new ClientRefusal(`The key ${kid.slice(0, 100)} of the key set has less than ${RSA_BITS} bits.`)
  }
}
