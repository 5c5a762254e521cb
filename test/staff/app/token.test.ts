/** Tokens of the app: what is made is read, anything else is not, and keys are changed without signing anybody out. */
import type { KeyObject } from 'node:crypto'
import { createCipheriv, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import type { AppKeys } from '../../../src/staff/app/keys.ts'
import { keptAppKeys, newAppKeys, readAppKeys } from '../../../src/staff/app/keys.ts'
import { openToken, sealToken } from '../../../src/staff/app/token.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function keysOf(...keys: readonly object[]): AppKeys {
  const file = join(folder, `${files++}.json`)
  writeFileSync(file, JSON.stringify({ keys }))
  return readAppKeys(file)
}

const first = keysOf(...newAppKeys().keys)
const users = fc.stringMatching(/^[\w.@:+-]{1,64}$/)
const user = { user: 'u1', audience: 'snr_usr' } as const

describe('what is made', () => {
  test('is read by whom it is for, and by nobody else', async () => {
    const law = fc.asyncProperty(users, fc.integer({ min: 1, max: 1e6 }), async (name, seconds) => {
      const text = await sealToken(first, { user: name, audience: 'snr_adm' }, seconds)
      expect(text).toMatch(/^[0-9a-f]+$/)
      expect(await openToken(first, text, 'snr_adm')).toEqual({ user: name, audience: 'snr_adm' })
      expect(await openToken(first, text, 'snr_usr')).toBeUndefined()
      expect(await openToken(first, text.toUpperCase(), 'snr_adm')).toBeDefined()
    })
    await fc.assert(law, { numRuns: 50 })
  })

  test('is not read when any digit of it is another, or when it is cut', async () => {
    const text = await sealToken(first, user, 60)
    const law = fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 15 }), async (at, by) => {
      const digit = (parseInt(text.charAt(at), 16) ^ by).toString(16)
      expect(await openToken(first, text.slice(0, at) + digit + text.slice(at + 1), 'snr_usr')).toBeUndefined()
      expect(await openToken(first, text.slice(0, at), 'snr_usr')).toBeUndefined()
    })
    await fc.assert(law, { numRuns: 100 })
  })

  test('is no more good when its time is over', async () => {
    expect(await openToken(first, await sealToken(first, user, -1), 'snr_usr')).toBeUndefined()
  })
})

test('any other text is no token, and none makes it fail', async () => {
  const texts = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  )
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      expect(await openToken(first, text, 'snr_usr')).toBeUndefined()
    }),
    { numRuns: 200 },
  )
})

describe('a JWT of somebody else', () => {
  const [encryption] = first.encryption as [KeyObject]
  const sealed = (jwt: string): string => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', encryption, iv)
    return Buffer.concat([iv, cipher.update(jwt), cipher.final(), cipher.getAuthTag()]).toString('hex')
  }
  const base = (claims: object): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const all = { sub: 'u1', aud: 'snr_usr', exp: Math.floor(Date.now() / 1000) + 60, ...claims }
    return `${part({ alg: 'none' })}.${part(all)}.`
  }
  const signed = (claims: Record<string, unknown>, keys = first): Promise<string> => {
    const jwt = new SignJWT({ sub: 'u1', aud: 'snr_usr', exp: Math.floor(Date.now() / 1000) + 60, ...claims })
    return jwt.setProtectedHeader({ alg: 'HS256' }).sign(keys.signature[0]?.sign as never)
  }
  const open = async (jwt: string): Promise<unknown> => (await openToken(first, sealed(jwt), 'snr_usr'))?.user

  test('is good when it is signed with our key, by sub or id, whatever else it says', async () => {
    expect(await open(await signed({ name: 'x' }))).toBe('u1')
    expect(await open(await signed({ sub: undefined, id: 7 }))).toBe('7')
    expect(await open(await signed({ aud: ['other', 'snr_usr'] }))).toBe('u1')
  })

  test.each([
    ['without a signature', () => base({})],
    ['signed with another key', () => signed({}, keysOf(...newAppKeys().keys))],
    ['without an end', () => signed({ exp: undefined })],
    ['without an audience', () => signed({ aud: undefined })],
    ['of two people', () => signed({ id: 'u2' })],
    ['of nobody', () => signed({ sub: undefined })],
    ['of a name that is none', () => signed({ sub: '../Patient/1' })],
  ])('is not good %s', async (_why, jwt) => {
    expect(await open(await jwt())).toBeUndefined()
  })
})

describe('keys', () => {
  test('are changed one after the other: the first makes, all read', async () => {
    const [old, fresh] = [newAppKeys().keys, newAppKeys().keys]
    const text = await sealToken(keysOf(...old), user, 60)
    expect(await openToken(keysOf(...fresh, ...old), text, 'snr_usr')).toEqual(user)
    expect(await openToken(keysOf(...fresh), text, 'snr_usr')).toBeUndefined()
    const later = await sealToken(keysOf(...fresh, ...old), user, 60)
    expect(await openToken(keysOf(...fresh), later, 'snr_usr')).toEqual(user)
  })

  test('for signatures may be Ed25519', async () => {
    const { privateKey } = await generateKeyPair('EdDSA', { extractable: true, crv: 'Ed25519' })
    const [encryption] = newAppKeys().keys as [object]
    const keys = keysOf(encryption, { ...(await exportJWK(privateKey)), use: 'sig' })
    expect(await openToken(keys, await sealToken(keys, user, 60), 'snr_usr')).toEqual(user)
  })

  test('are made once, for their owner only', async () => {
    const file = join(folder, 'made', 'app-keys.json')
    const text = await sealToken(keptAppKeys(file), user, 60)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await openToken(keptAppKeys(file), text, 'snr_usr')).toEqual(user)
  })

  test.each([
    ['cannot be read', '{'],
    ['no keys', '{"keys":[]}'],
    ['neither', '{"keys":[{"kty":"oct","use":"enc","k":"c2hvcnQ"}]}'],
    ['for encryption', JSON.stringify({ keys: newAppKeys().keys.slice(1) })],
    ['signatures', JSON.stringify({ keys: newAppKeys().keys.slice(0, 1) })],
  ])('that are wrong stop the start, which says so: %s', (why, text) => {
    const file = join(folder, `wrong-${files++}.json`)
    writeFileSync(file, text)
    expect(() => readAppKeys(file)).toThrow(new RegExp(`ISTHMUS_APP_KEY.*${why}`))
  })
})
