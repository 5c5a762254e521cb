/**
 * The keys that seal stored secrets: a JSON file of a key set (RFC 7517, `kty` "oct"), of which the first seals and the
 * others only open what was sealed before.
 *
 * A key is there in clear (`k`), or wrapped by a key service (`wrapped`), which unwraps it at the start and is not asked
 * again. A key's name is made of the key: one that was changed is another key, and is missed by the name it had.
 */
import { randomBytes } from 'node:crypto'
import type { StartError } from '../kernel/errors.ts'
import { KEY_BYTES } from './gcm.ts'
import { keepKeySet, readKeySet, unusableKeys } from './key-set.ts'
import type { KeySet } from './key-set.ts'
import type { SealKey } from './seals.ts'
import { nameOfKey } from './seals.ts'

/** Whoever holds the key that keys are wrapped with: a KMS, a security module. */
export interface KeyService {
  /** `wrapped`: as it stands in the file */
  unwrap(wrapped: string): Promise<Buffer>
}

/** Keys are in the file as they are. */
const noService: KeyService = {
  unwrap: () => Promise.reject(new Error('name a program that unwraps it in ISTHMUS_KEY_COMMAND')),
}

const VARIABLE = 'ISTHMUS_ENCRYPTION_KEYS'

interface StoredKey {
  readonly kty?: unknown
  readonly k?: unknown
  readonly wrapped?: unknown
}

/** A new key in a key set. */
export function newSealKeys(): KeySet<StoredKey> {
  return { keys: [{ kty: 'oct', k: randomBytes(KEY_BYTES).toString('base64url') }] }
}

/** For a gateway with services of its own: made once, readable by its user only. */
export async function keptSealKeys(file: string): Promise<SealKey[]> {
  keepKeySet(file, newSealKeys)
  return readSealKeys(file)
}

/** Throws a StartError where the file holds no usable keys. */
export async function readSealKeys(file: string, service = noService): Promise<SealKey[]> {
  const keys: SealKey[] = []
  for (const [index, stored] of readKeySet<StoredKey>(VARIABLE, file).entries()) {
    const key = await keyOf(stored, service).catch((error: unknown) => {
      throw wrong(file, `key ${index + 1} of it is wrapped and was not opened: ${(error as Error).message}`)
    })
    if (key?.length !== KEY_BYTES) throw wrong(file, `key ${index + 1} of it is no key of ${KEY_BYTES} bytes`)
    keys.push({ kid: nameOfKey(key), key })
  }
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw wrong(file, 'it has one key twice')
  return keys
}

async function keyOf({ kty, k, wrapped }: StoredKey, service: KeyService): Promise<Buffer | undefined> {
  if (typeof wrapped === 'string') return service.unwrap(wrapped)
  return kty === 'oct' && typeof k === 'string' ? Buffer.from(k, 'base64url') : undefined
}

function wrong(file: string, why: string): StartError {
  return unusableKeys(VARIABLE, file, why)
}
