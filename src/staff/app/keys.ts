/**
 * The keys of app tokens: a JSON key set (RFC 7517). Keys for encryption are 32 bytes (`kty` "oct", `use` "enc"); keys for
 * signatures are secrets of 32 bytes or more (`oct`, HS256) or Ed25519 keys (`OKP`, of others the public half is enough).
 * The first of each makes tokens, all of them read what was made with them: so they are changed without signing anybody out.
 */
import { randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import type { JWK } from 'jose'
import type { StartError } from '../../kernel/errors.ts'
import { KEY_BYTES } from '../../seal/gcm.ts'
import { keepKeySet, readKeySet, unusableKeys } from '../../seal/key-set.ts'
import type { KeySet } from '../../seal/key-set.ts'

const VARIABLE = 'ISTHMUS_APP_KEY'

export interface SignatureKey {
  readonly algorithm: 'HS256' | 'EdDSA'
  readonly verify: KeyObject
  /** none: only the public half is here */
  readonly sign?: KeyObject
}

export interface AppKeys {
  readonly encryption: readonly KeyObject[]
  readonly signature: readonly SignatureKey[]
}

/** One of each, in a key set. */
export function newAppKeys(): KeySet<JWK> {
  const secret = (use: string): JWK => ({ kty: 'oct', use, k: randomBytes(KEY_BYTES).toString('base64url') })
  return { keys: [secret('enc'), secret('sig')] }
}

/** For a gateway with services of its own: made once, readable by its user only. */
export function keptAppKeys(file: string): AppKeys {
  keepKeySet(file, newAppKeys)
  return readAppKeys(file)
}

/** Throws a StartError where the file holds no usable keys. */
export function readAppKeys(file: string): AppKeys {
  const [encryption, signature]: [KeyObject[], SignatureKey[]] = [[], []]
  for (const [index, key] of readKeySet<JWK>(VARIABLE, file).entries()) {
    const [secret, signing] = [encryptionKey(key), signatureKey(key)]
    if (secret) encryption.push(secret)
    else if (signing) signature.push(signing)
    else throw wrong(file, `key ${index + 1} of it is neither for encryption (32 bytes) nor for signatures`)
  }
  if (encryption.length === 0) throw wrong(file, 'no key of it is for encryption ("use": "enc")')
  if (!signature.some(({ sign }) => sign)) throw wrong(file, 'no key of it makes signatures ("use": "sig")')
  return { encryption, signature }
}

function encryptionKey({ kty, use, k }: JWK): KeyObject | undefined {
  const bytes = kty === 'oct' && use === 'enc' ? secretIn(k) : undefined
  return bytes?.length === KEY_BYTES ? createSecretKey(bytes) : undefined
}

function signatureKey(key: JWK): SignatureKey | undefined {
  if (key.use !== 'sig') return undefined
  if (key.kty === 'oct') {
    const bytes = secretIn(key.k)
    const secret = bytes && bytes.length >= KEY_BYTES ? createSecretKey(bytes) : undefined
    return secret && { algorithm: 'HS256', verify: secret, sign: secret }
  }
  if (key.kty !== 'OKP' || key.crv !== 'Ed25519') return undefined
  try {
    const verify = createPublicKey({ key, format: 'jwk' })
    const sign = key.d === undefined ? {} : { sign: createPrivateKey({ key, format: 'jwk' }) }
    return { algorithm: 'EdDSA', verify, ...sign }
  } catch {
    return undefined
  }
}

function secretIn(k: unknown): Buffer | undefined {
  return typeof k === 'string' ? Buffer.from(k, 'base64url') : undefined
}

function wrong(file: string, why: string): StartError {
  return unusableKeys(VARIABLE, file, why)
}
