/**
 * The keys that id_tokens are signed with: a JWKS file, of which the first signs. The others are published too, so that
 * what an earlier key signed can be verified as long as it is good.
 */
import { existsSync } from 'node:fs'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { JWK } from 'jose'
import type { StartError } from '../kernel/errors.ts'
import { keepKeySet, readKeySet, unusableKeys } from '../seal/key-set.ts'
import type { KeySet } from '../seal/key-set.ts'

/** SMART App Launch 2.2 §Scopes for requesting identity data: servers support RS256. */
const ALGORITHM = 'RS256'
const VARIABLE = 'ISTHMUS_SIGNING_KEYS'

export type SigningKeys = KeySet<JWK>

/** A new key in a JWKS. */
export async function newSigningKeys(): Promise<SigningKeys> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const key = await exportJWK(privateKey)
  return { keys: [{ ...key, kid: await calculateJwkThumbprint(key), alg: ALGORITHM, use: 'sig' }] }
}

/** For a gateway with services of its own: made once, readable by its user only. */
export async function keptSigningKeys(file: string): Promise<SigningKeys> {
  if (!existsSync(file)) {
    const made = await newSigningKeys()
    keepKeySet(file, () => made)
  }
  return readSigningKeys(file)
}

/** Throws a StartError where the file holds no private RSA keys with a `kid` each. */
export async function readSigningKeys(file: string): Promise<SigningKeys> {
  const keys = readKeySet<JWK>(VARIABLE, file)
  for (const key of keys) {
    const isUsable = key.kty === 'RSA' && typeof key.d === 'string' && typeof key.kid === 'string'
    const imported = isUsable && (await importJWK(key, ALGORITHM).catch(() => undefined))
    if (!imported) throw wrong(file, 'each key of it must be a private RSA key with a kid')
  }
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw wrong(file, 'two keys of it have one kid')
  return { keys: keys.map((key) => ({ ...key, alg: ALGORITHM, use: 'sig' })) }
}

function wrong(file: string, why: string): StartError {
  return unusableKeys(VARIABLE, file, why)
}
