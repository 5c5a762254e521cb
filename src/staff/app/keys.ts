/**
 * The keys of app tokens: a JSON key set (RFC 7517). Keys for encryption are 32 bytes (`kty` "oct", `use` "enc"); keys for
 * signatures are secrets of 32 bytes or more (`oct`, HS256) or Ed25519 keys (`OKP`, of others the public half is enough).
 * The first of each makes tokens, all of them read what was made with them: so they are changed without signing anybody out.
 */
import { randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { JWK } from 'jose'
import { StartError } from '../../kernel/errors.ts'

export const KEY_BYTES = 32

export interface SignatureKey {
  readonly algorithm: 'HS256' | 'EdDSA'
  readonly verify: KeyObject
  /** none: only the public half is here */
  readonly sign?: KeyObject
}

export interface AppKeys {
  readonly encryption: readonly Buffer[]
  readonly signature: readonly SignatureKey[]
}

/** One of each, in a key set. */
export function newAppKeys(): { readonly keys: readonly JWK[] } {
  const secret = (use: string): JWK => ({ kty: 'oct', use, k: randomBytes(KEY_BYTES).toString('base64url') })
  return { keys: [secret('enc'), secret('sig')] }
}

/** For a gateway with services of its own: made once, readable by its user only. */
export function keptAppKeys(file: string): AppKeys {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(newAppKeys()), { mode: 0o600 })
  }
  return readAppKeys(file)
}

/** Throws a StartError where the file holds no usable keys. */
export function readAppKeys(file: string): AppKeys {
  const [encryption, signature]: [Buffer[], SignatureKey[]] = [[], []]
  for (const [index, key] of keysIn(file).entries()) {
    const [secret, signing] = [encryptionKey(key), signatureKey(key)]
    if (secret) encryption.push(secret)
    else if (signing) signature.push(signing)
    else throw wrong(file, `key ${index + 1} of it is neither for encryption (32 bytes) nor for signatures`)
  }
  if (encryption.length === 0) throw wrong(file, 'no key of it is for encryption ("use": "enc")')
  if (!signature.some(({ sign }) => sign)) throw wrong(file, 'no key of it makes signatures ("use": "sig")')
  return { encryption, signature }
}

function encryptionKey({ kty, use, k }: JWK): Buffer | undefined {
  const bytes = kty === 'oct' && use === 'enc' ? secretIn(k) : undefined
  return bytes?.length === KEY_BYTES ? bytes : undefined
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

function keysIn(file: string): JWK[] {
  let keys: unknown
  try {
    keys = (JSON.parse(readFileSync(file, 'utf8')) as { keys?: unknown } | null)?.keys
  } catch {
    throw wrong(file, 'it cannot be read as JSON')
  }
  const isList = Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === 'object' && key !== null)
  if (!isList) throw wrong(file, 'it holds no keys')
  return keys as JWK[]
}

function wrong(file: string, why: string): StartError {
  return new StartError(`ISTHMUS_APP_KEY names ${file}, but ${why}: write a key set with "isthmus init".`)
}
