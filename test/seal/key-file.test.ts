/** Key files: made once, kept, and refused in one sentence where they are wrong. */
import { createCipheriv, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { keyCommand } from '../../src/seal/key-command.ts'
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
  [
    { keys: [{ kty: 'oct', k }, { wrapped: 'AAAA' }] },
    /key 2 of it is wrapped and was not opened: name a program .* in ISTHMUS_KEY_COMMAND/,
  ],
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

/** As a key service's client would be: it knows one wrapping, AES key wrap (RFC 3394) under a key of its own. */
function program(...lines: readonly string[]): string {
  const file = join(folder, randomBytes(6).toString('hex'))
  writeFileSync(file, [`#!${process.execPath}`, ...lines, ''].join('\n'), { mode: 0o700 })
  return file
}

test('A key that is wrapped is opened by the program that is named, and is what was wrapped; it is not in the file.', async () => {
  const wrapping = randomBytes(32)
  const [stored] = newSealKeys().keys
  const cipher = createCipheriv('id-aes256-wrap', wrapping, Buffer.alloc(8, 0xa6))
  const key = Buffer.from(String(stored?.k), 'base64url')
  const wrapped = `vault:v1:${Buffer.concat([cipher.update(key), cipher.final()]).toString('base64')}`
  const unwrap = program(
    "const [, , data] = require('node:fs').readFileSync(0, 'utf8').trim().split(':')",
    `const key = Buffer.from('${wrapping.toString('hex')}', 'hex')`,
    "const opener = require('node:crypto').createDecipheriv('id-aes256-wrap', key, Buffer.alloc(8, 0xa6))",
    "console.log(Buffer.concat([opener.update(Buffer.from(data, 'base64')), opener.final()]).toString('base64'))",
  )
  const file = fileOf({ keys: [{ wrapped }] })
  expect(await readSealKeys(file, keyCommand(unwrap))).toEqual(await readSealKeys(fileOf({ keys: [stored] })))
  expect(readFileSync(file, 'utf8')).not.toContain(String(stored?.k))
})

test.each([
  ['that is not there', () => join(folder, 'none'), /key 1 of it is wrapped .* cannot be started \(ENOENT\)/],
  ['that refuses', () => program('process.exit(3)'), /key 1 of it is wrapped .* ended with exit code 3/],
  ['that prints no key', () => program("console.log('bm8=')"), /key 1 of it is no key of 32 bytes/],
  ['that prints nothing', () => program(''), /key 1 of it is no key of 32 bytes/],
])('A program %s stops the start, and nothing is ever stored in clear for want of it.', async (_, make, sentence) => {
  const file = fileOf({ keys: [{ wrapped: 'vault:v1:AAAA' }] })
  await expect(readSealKeys(file, keyCommand(make()))).rejects.toThrow(sentence)
})
