/** The keys that id_tokens are signed with, and how they are changed (checklist D13, ID1). */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createRemoteJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import type { JWK } from 'jose'
import { keptSigningKeys, newSigningKeys, readSigningKeys } from '../../src/smart/signing-keys.ts'
import type { SigningKeys } from '../../src/smart/signing-keys.ts'
import { launched, startSmartServer } from '../support/smart-server.ts'

let folder: string
let old: SigningKeys
let next: SigningKeys

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isthmus-keys-'))
  ;[old, next] = [await newSigningKeys(), await newSigningKeys()]
})

afterAll(() => rmSync(folder, { recursive: true }))

function write(keys: unknown): string {
  const file = join(folder, 'keys.json')
  writeFileSync(file, typeof keys === 'string' ? keys : JSON.stringify(keys))
  return file
}

const kidsOf = ({ keys }: { readonly keys: readonly JWK[] }) => keys.map(({ kid }) => kid)

test('the first key signs; the others are published, so that what they signed is good still (D13)', async () => {
  const signingKeys = await readSigningKeys(write({ keys: [...next.keys, ...old.keys] }))
  const server = await startSmartServer({ signingKeys })
  try {
    const answer = await fetch(`${server.origin}/oauth/jwks`)
    const published = (await answer.json()) as { keys: JWK[] }
    expect([answer.status, kidsOf(published)]).toEqual([200, kidsOf(signingKeys)])
    for (const key of published.keys) {
      expect(key).toMatchObject({ kty: 'RSA', use: 'sig', alg: 'RS256' })
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(key).not.toHaveProperty(secret)
    }
    const [account, { client }] = [await server.account(), await server.client()]
    const { json } = await launched(server, { client: client._id, account, scope: 'openid user/Patient.rs' })
    const idToken = String(json['id_token'])
    expect(decodeProtectedHeader(idToken)).toMatchObject({ alg: 'RS256', kid: next.keys[0]?.kid })
    const keys = createRemoteJWKSet(new URL(`${server.origin}/oauth/jwks`))
    const { payload } = await jwtVerify(idToken, keys, { issuer: server.origin, audience: client._id })
    expect(payload.sub).toBe(account._id)
  } finally {
    await server.stop()
  }
})

test('a gateway with services of its own makes its key once, for its user only', async () => {
  const file = join(folder, 'made', 'keys.json')
  const made = await keptSigningKeys(file)
  expect(kidsOf(await keptSigningKeys(file))).toEqual(kidsOf(made))
  expect(statSync(file).mode & 0o077).toBe(0)
  expect(readFileSync(file, 'utf8')).toContain(String(made.keys[0]?.kid))
})

test.each<[string, () => unknown]>([
  ['cannot be read as JSON', () => '{'],
  ['holds no keys', () => ({ keys: [] })],
  ['holds no keys', () => 'null'],
  ['one kid', () => ({ keys: [...old.keys, ...old.keys] })],
  ['private RSA key', () => ({ keys: old.keys.map(({ d: _, ...key }) => key) })],
  ['private RSA key', () => ({ keys: old.keys.map(({ kid: _, ...key }) => key) })],
])('a file that %s stops the start in one sentence', async (reason, keys) => {
  await expect(readSigningKeys(write(keys()))).rejects.toThrow(reason)
})

test('a key of another kind stops the start, since SMART servers sign by RS256', async () => {
  const { privateKey } = await generateKeyPair('ES384', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: 'x' }
  await expect(readSigningKeys(write({ keys: [key] }))).rejects.toThrow('private RSA key')
})
