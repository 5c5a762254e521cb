import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { newClient } from '../../../src/smart/clients/new-client.ts'
import type { ClientTerms, ClientWish } from '../../../src/smart/clients/new-client.ts'

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1' }] }

const app: ClientWish = {
  ...{ name: 'An app', kind: 'public', redirectUris: ['https://app.example/cb'], native: false },
  scope: 'launch/patient openid fhirUser offline_access patient/*.rs patient/Observation.rs?category=laboratory',
}
const service: ClientWish = { ...app, kind: 'asymmetric', redirectUris: [], scope: 'system/*.rs', jwks }
const { jwks: _, ...keyless } = service
const stranger: ClientTerms = {
  ...{ tenant: 'default', state: 'pending', introspects: false, verified: false, by: 'registration', loopback: false },
}
const operator: ClientTerms = { ...stranger, state: 'approved', verified: true, by: 'isthmus client' }

const refused = (wish: Partial<ClientWish>, from: ClientWish = app, terms = stranger) =>
  expect(() => newClient({ ...from, ...wish }, terms))

test('what a client may do follows from what it is', () => {
  const grants = (wish: ClientWish) => newClient(wish, operator).client.grants
  expect(grants(app)).toEqual(['authorization_code', 'refresh_token'])
  expect(grants(service)).toEqual(['client_credentials'])
  expect(grants({ ...service, redirectUris: app.redirectUris })).toHaveLength(3)
  expect(grants({ ...app, kind: 'asymmetric', jwks })).toEqual(['authorization_code', 'refresh_token'])
})

test('backend services have no secret (CS4)', () => {
  refused({ kind: 'symmetric', redirectUris: [], scope: 'system/*.rs' }).toThrow('by a key')
  expect(newClient({ ...app, kind: 'symmetric', scope: 'system/*.rs' }, operator).client.grants).not.toContain(
    'client_credentials',
  )
})

test('only who holds keys gives keys, in one way', () => {
  refused({}, keyless).toThrow('either its key set')
  refused({ jwksUri: 'https://service.example/jwks' }, service).toThrow('either its key set')
  refused({ jwks }).toThrow('private_key_jwt')
})

test('addresses inside of networks are refused to strangers (RG4)', () => {
  for (const jwksUri of ['http://service.example/jwks', 'https://10.0.0.1/jwks', 'https://db/jwks', 'https://[::1]/']) {
    refused({ jwksUri }, keyless).toThrow('outside of private networks')
    refused({ jwksUri }, keyless, operator).toThrow('outside of private networks')
  }
  const local = { jwksUri: 'http://127.0.0.1:9/jwks' }
  refused(local, keyless).toThrow('outside of private networks')
  expect(newClient({ ...keyless, ...local }, { ...operator, loopback: true }).client).toMatchObject(local)
  refused({ logoUri: 'https://192.168.0.1/logo.png' }).toThrow('logo')
  refused({ launchUrl: 'https://app.clinic.local/launch' }).toThrow('launch')
  const launchUrl = 'https://app.clinic.local/launch'
  expect(newClient({ ...app, launchUrl }, operator).client).toMatchObject({ launchUrl })
})

test.each([
  ...[
    'patient/*.dus',
    'patient/Observation.sr',
    'patient/Observation.',
    'patient/*',
    'everything',
    'system/Foo_Bar.rs',
  ],
  ...['patient/Observation.rs?', 'launch/', 'user/Observation.readx', 'patient/Observation.rs?a="b" c'],
])('the scope %s is refused (SC01)', (scope) => {
  refused({ scope }).toThrow('no scope')
})

test('names are one line that reads in one direction', () => {
  expect(newClient({ ...app, name: ' My\u202e app\u0000\n ' }, stranger).client.name).toBe('My app')
  refused({ name: '\u200b' }).toThrow('1 to 200 characters')
  refused({ publisher: 'x'.repeat(201) }).toThrow('publisher')
})
