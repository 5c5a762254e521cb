/** Keys to seal with, for tests. */
import { randomBytes } from 'node:crypto'
import type { SealKey, Seals } from '../../src/seal/seals.ts'
import { nameOfKey, sealsOf } from '../../src/seal/seals.ts'

export function newSealKey(): SealKey {
  const key = randomBytes(32)
  return { kid: nameOfKey(key), key }
}

/** The same in each test: another program may share its database. */
const shared = Buffer.alloc(32, 7)
export const sharedKey: SealKey = { kid: nameOfKey(shared), key: shared }

/** The key of `testSeals()`, as a key file has it. */
export const sharedKeys = JSON.stringify({ keys: [{ kty: 'oct', k: shared.toString('base64url') }] })

export function testSeals(...keys: readonly SealKey[]): Seals {
  return sealsOf(keys.length > 0 ? keys : [sharedKey])
}
