/** AES-256-GCM (NIST SP 800-38D) as one piece: `<iv, 12 bytes><ciphertext><tag, 16 bytes>`, with a new IV each time. */
import type { KeyObject } from 'node:crypto'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
const ALGORITHM = 'aes-256-gcm'
const NOTHING: Buffer = Buffer.alloc(0)

/** `bound` is authenticated with the text, and is not in it. */
export function encrypt(key: KeyObject, text: string, bound = NOTHING): Buffer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(bound)
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** Undefined: it was made with another key, bound to something else, or changed. */
export function decrypt(key: KeyObject, data: Buffer, bound = NOTHING): string | undefined {
  if (data.length < IV_BYTES + TAG_BYTES) return undefined
  const cipher = createDecipheriv(ALGORITHM, key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  cipher.setAAD(bound).setAuthTag(data.subarray(-TAG_BYTES))
  try {
    const text = cipher.update(data.subarray(IV_BYTES, -TAG_BYTES))
    return Buffer.concat([text, cipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
