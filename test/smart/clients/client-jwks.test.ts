import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { clientKeys } from '../../../src/smart/clients/client-jwks.ts'

const ec = (namedCurve = 'P-384') => generateKeyPairSync('ec', { namedCurve })
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const publicJwk = (pair: ReturnType<typeof ec>, more: object = {}) => ({
  ...pair.publicKey.export({ format: 'jwk' }),
  ...more,
})

test('keeps the keys for ES384 and RS384, and of them what is needed', () => {
  const keys = [
    publicJwk(ec(), { kid: 'a', x5c: ['…'] }),
    publicJwk(rsa(2048), { kid: 'b', alg: 'RS384' }),
    publicJwk(ec('P-256'), { kid: 'c' }),
    publicJwk(ec(), { kid: 'd', use: 'enc' }),
    publicJwk(rsa(2048), { kid: 'e', alg: 'RS256' }),
  ]
  const kept = clientKeys({ keys }).keys
  expect(kept.map(({ kid, alg }) => [kid, alg])).toEqual([
    ['a', 'ES384'],
    ['b', 'RS384'],
  ])
  expect(kept[0]).not.toHaveProperty('x5c')
})

test('two keys of one kid, a key without, a weak one and a private one are refused (CA07)', () => {
  const key = publicJwk(ec(), { kid: 'a' })
  expect(() => clientKeys({ keys: [key, publicJwk(ec(), { kid: 'a' })] })).toThrow('one kid')
  expect(() => clientKeys({ keys: [publicJwk(ec())] })).toThrow('no kid')
  expect(() => clientKeys({ keys: [publicJwk(rsa(1024), { kid: 'a' })] })).toThrow('2048 bits')
  expect(() => clientKeys({ keys: [{ ...ec().privateKey.export({ format: 'jwk' }), kid: 'a' }] })).toThrow(
    'private keys',
  )
  expect(() => clientKeys({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'a' }] })).toThrow('private keys')
  expect(() => clientKeys({ keys: [{ ...key, x: 'AAAA' }] })).toThrow('is no key')
  for (const jwks of [undefined, null, [], 'x', {}, { keys: {} }]) expect(() => clientKeys(jwks)).toThrow('no JWKS')
  expect(() => clientKeys({ keys: [null, 1, 'x'] })).toThrow('no key for RS384')
})
