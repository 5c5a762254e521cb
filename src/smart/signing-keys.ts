/**
 * The keys that id_tokens are signed with: a JWKS file, of which the first signs. The others are published too, so that
 * what an earlier key signed can be verified as long as it is good.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import type { JWK } from 'jose'
import { StartError } from '../kernel/errors.ts'

/** SMART App Launch 2.2 §Scopes for requesting identity data: servers support RS256. */
const ALGORITHM = 'RS256'

export interface SigningKeys {
  readonly keys: readonly JWK[]
}

/** A new key in a JWKS. */
export async function newSigningKeys(): Promise<SigningKeys> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const key = await exportJWK(privateKey)
  return { keys: [{ ...key, kid: await calculateJwkThumbprint(key), alg: ALGORITHM, use: 'sig' }] }
}

/** For a gateway with services of its own: made once, readable by its user only. */
export async function keptSigningKeys(file: string): Promise<SigningKeys> {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(await newSigningKeys()), { mode: 0o600 })
  }
  return readSigningKeys(file)
}

/** Throws a StartError where the file holds no private RSA keys with a `kid` each. */
export async function readSigningKeys(file: string): Promise<SigningKeys> {
  const keys = keysIn(file)
  for (const key of keys) {
    const isUsable = key.kty === 'RSA' && typeof key.d === 'string' && typeof key.kid === 'string'
    const imported = isUsable && (await importJWK(key, ALGORITHM).catch(() => undefined))
    if (!imported) throw wrong(file, 'each key of it must be a private RSA key with a kid')
  }
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw wrong(file, 'two keys of it have one kid')
  return { keys: keys.map((key) => ({ ...key, alg: ALGORITHM, use: 'sig' })) }
}

function keysIn(file: string): JWK[] {
  let keys: unknown
  try {
    keys = (JSON.parse(readFileSync(file, 'utf8')) as { keys?: unknown } | null)?.keys
  } catch {
    throw wrong(file, 'it cannot be read as JSON')
  }
  if (!Array.isArray(keys) || keys.length === 0) throw wrong(file, 'it holds no keys')
  return keys as JWK[]
}

function wrong(file: string, why: string): StartError {
  return new StartError(`ISTHMUS_SIGNING_KEYS names ${file}, but ${why}: write a JWKS with "isthmus init".`)
}
