/** `isthmus client`, as an operator runs it. */
import { generateKeyPairSync } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { MongoClient } from 'mongodb'
import { findClient, hashOfSecret } from '../../src/store/clients.ts'
import type { ClientDocument } from '../../src/store/clients.ts'
import { openStore } from '../../src/store/collections.ts'
import type { Store } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { mongodbUri } from '../support/services.ts'
import type { Ended, Variables } from './gateway.ts'
import { isthmus, ownVariables } from './gateway.ts'

let variables: Variables
let client: MongoClient
let store: Store

beforeAll(async () => {
  variables = ownVariables()
  client = await connect(mongodbUri())
  store = openStore(client, variables['ISTHMUS_DATABASE'] ?? '')
})

afterAll(async () => {
  await store.db.dropDatabase()
  await client.close()
  rmSync(variables['ISTHMUS_DATA_DIR'] ?? '', { recursive: true })
})

const run = (...args: readonly string[]): Promise<Ended> => isthmus(['client', ...args], variables)

async function done(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(...args)
  expect([code, err]).toEqual([0, ''])
  return out.trim()
}

async function stored(id: string): Promise<ClientDocument> {
  const found = await findClient(store, id)
  if (!found) throw new Error(`there is no client ${id}`)
  return found
}

const redirect = ['--redirect-uri', 'https://app.example/cb']
const scope = ['--scope', 'launch/patient openid fhirUser patient/*.rs']

test('an app is added, listed and revoked', async () => {
  const id = await done('add', '--name', 'An app', '--public', ...redirect, ...scope)
  expect(await stored(id)).toMatchObject({
    ...{ t: 'default', name: 'An app', kind: 'public', state: 'approved', redirectUris: ['https://app.example/cb'] },
    ...{ grants: ['authorization_code', 'refresh_token'], secrets: [], introspects: false, native: false },
  })
  expect(JSON.parse(await done('list', '--json'))).toContainEqual(expect.objectContaining({ id, name: 'An app' }))
  expect(await done('list')).toContain(`${id}  approved  public  default  An app`)
  await done('revoke', id)
  expect(await findClient(store, id)).toBeUndefined()
  const { code, err } = await run('revoke', id)
  expect([code, err]).toEqual([1, expect.stringContaining('There is no client')])
})

test('a secret is shown once and kept as a hash; a second one lives beside it, and may stand alone (CS3)', async () => {
  const [id = '', first = ''] = (await done('add', '--name', 'S', '--secret', ...redirect, ...scope)).split('\n')
  const hashes = async () => (await stored(id)).secrets.map(({ hash }) => hash)
  expect(await hashes()).toEqual([hashOfSecret(first)])
  const second = await done('secret', id)
  expect(await hashes()).toEqual([first, second].map(hashOfSecret))
  const third = await done('secret', id, '--alone')
  const events = await store.audit.find({ kind: 'client', query: { $regex: id } }).toArray()
  expect(events.map(({ query }) => query)).toEqual([`add: ${id}`, `secret: ${id}`, `secret: ${id}`])
  expect(events[0]).toMatchObject({
    t: 'default',
    action: 'U',
    who: { name: expect.stringMatching(/^isthmus client by /) },
  })
  for (const made of [first, second, third]) expect(JSON.stringify(events)).not.toContain(made)
  expect(await hashes()).toEqual([hashOfSecret(third)])
  expect(await done('list', '--json')).not.toContain(hashOfSecret(third))
})

test('a backend service gives its public keys, or where they are', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const file = join(variables['ISTHMUS_DATA_DIR'] ?? '', 'jwks.json')
  writeFileSync(file, JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1' }] }))
  const id = await done('add', '--name', 'Service', '--jwks-file', file, '--scope', 'system/*.rs')
  expect(await stored(id)).toMatchObject({ kind: 'asymmetric', grants: ['client_credentials'], redirectUris: [] })
  const uri = 'https://service.example/jwks'
  const other = JSON.parse(await done('add', '--name', 'S', '--jwks-uri', uri, '--scope', 'system/*.rs', '--json')) as {
    id: string
  }
  expect(await stored(other.id)).toMatchObject({ jwksUri: uri })
})

test('an operator approves with the scopes that are right, and suspends', async () => {
  const id = await done('add', '--name', 'An app', '--public', ...redirect, ...scope)
  await done('suspend', id)
  expect((await stored(id)).state).toBe('suspended')
  await done('approve', id, '--scope', 'patient/Observation.rs', '--verified')
  expect(await stored(id)).toMatchObject({ state: 'approved', scope: 'patient/Observation.rs', verified: true })
})

test.each([
  [['--public'], 'needs a redirect URI'],
  [['--public', '--secret', ...redirect], 'one of --public'],
  [['--jwks-file', '/nowhere.json', '--scope', 'system/*.rs'], 'no JSON file'],
  [['--public', ...redirect, '--tenant', 'nobody'], 'There is no tenant nobody'],
])('client add %s is refused in one sentence', async (args, reason) => {
  const { code, err } = await run('add', '--name', 'An app', ...args)
  expect([code, err]).toEqual([1, expect.stringContaining(reason)])
})
