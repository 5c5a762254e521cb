/** Key files: made once, kept, and refused in one sentence where they are wrong. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { keptSealKeys, newSealKeys, readSealKeys } from '../../src/seal/key-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-seal-'))
const k = randomBytes(32).toString('base64url')

function fileOf(content: unknown): string {
  const file = join(folder, `${randomBytes(6).toString('hex')}.json`)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

test('A gateway of its own makes a key once, for its user only.', async () => {
  const file = join(folder, 'data/keys.json')
  const keys = await keptSealKeys(file)
  expect(await keptSealKeys(file)).toEqual(keys)
  expect(statSync(file).mode & 0o077).toBe(0)
  expect(keys).toHaveLength(1)
})

test.each([
  ['{', /cannot be read as JSON/],
  [{ keys: [] }, /holds no keys/],
  [{ keys: ['abc'] }, /holds no keys/],
  [{ keys: [{ kty: 'oct', k: 'c2hvcnQ' }] }, /key 1 of it is no key of 32 bytes/],
  [{ keys: [{ kty: 'RSA', k }] }, /key 1 of it is no key/],
  [{ keys: [{ kty: 'oct', k }, { wrapped: 'AAAA' }] }, /key 2 of it is no key/],
  [
    {
      keys: [
        { kty: 'oct', k },
        { kty: 'oct', k },
      ],
    },
    /has one key twice/,
  ],
])('%j is refused in one sentence that names the variable and says nothing of the key.', async (content, sentence) => {
  const refused = await readSealKeys(fileOf(content)).catch((error: unknown) => String(error))
  expect(refused).toMatch(sentence)
  expect(refused).toMatch(/ISTHMUS_ENCRYPTION_KEYS names/)
  expect(refused).not.toContain(k)
})

test('A file that is not there is refused.', async () => {
  await expect(readSealKeys(join(folder, 'none.json'))).rejects.toThrow(/cannot be read/)
})

test('A key that a key service wrapped is the key it wrapped; one it does not know is refused.', async () => {
  const wrapping = randomBytes(32)
  const [stored] = newSealKeys().keys
  const key = Buffer.from(String(stored?.k), 'base64url')
  const cipher = createCipheriv('id-aes256-wrap', wrapping, Buffer.alloc(8, 0xa6))
  const wrapped = Buffer.concat([cipher.update(key), cipher.final()]).toString('base64url')
  const service = {
    unwrap(text: Buffer): Promise<Buffer> {
      const decipher = createDecipheriv('id-aes256-wrap', wrapping, Buffer.alloc(8, 0xa6))
      return Promise.resolve().then(() => Buffer.concat([decipher.update(text), decipher.final()]))
    },
  }
  const file = fileOf({ keys: [{ wrapped }] })
  expect(await readSealKeys(file, service)).toEqual(await readSealKeys(fileOf({ keys: [stored] })))
  expect(readFileSync(file, 'utf8')).not.toContain(String(stored?.k))
  const other = fileOf({ keys: [{ wrapped: randomBytes(40).toString('base64url') }] })
  await expect(readSealKeys(other, service)).rejects.toThrow(/key 1 of it is no key/)
})
