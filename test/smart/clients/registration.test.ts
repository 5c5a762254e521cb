/** Dynamic registration over HTTP: what strangers may ask for, and what they never get (RG1–RG6). */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import express from 'express'
import { registration } from '../../../src/smart/clients/registration.ts'
import { findClient, hashOfSecret } from '../../../src/store/clients.ts'
import type { Store } from '../../../src/store/collections.ts'
import { closeStore, openTestStore } from '../../support/databases.ts'

let store: Store
let server: Server
let url: string
let address = 0

beforeAll(async () => {
  store = await openTestStore()
  const addressOf = () => String(address)
  server = createServer(express().use(registration({ store, addressOf }))).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth/register`
})

afterAll(async () => {
  server.close()
  await closeStore(store)
})

type Body = Readonly<Record<string, unknown>>

async function post(metadata: unknown, headers: Record<string, string> = {}) {
  address++
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
  })
}

const app = {
  client_name: 'An app',
  redirect_uris: ['https://app.example/cb'],
  token_endpoint_auth_method: 'none',
  scope: 'launch/patient openid fhirUser patient/*.rs',
}
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1' }] }

test('an app is registered, told what was registered, and waits for approval (RG1)', async () => {
  const answer = await post({ ...app, grant_types: ['authorization_code'], policy_text: 'unknown here' })
  expect(answer.status).toBe(201)
  expect([answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual(['no-store', 'no-cache'])
  const body = (await answer.json()) as Body
  expect(body).toMatchObject({
    ...app,
    ...{ grant_types: ['authorization_code'], response_types: ['code'], application_type: 'web', status: 'pending' },
    ...{ client_id: expect.any(String), client_id_issued_at: expect.any(Number) },
  })
  expect(body).not.toHaveProperty('policy_text')
  expect(body).not.toHaveProperty('registration_access_token')
  expect(await findClient(store, String(body['client_id']))).toMatchObject({ state: 'pending', t: 'default' })
})

test('who says nothing about a secret gets one, once; it is kept as a hash (CS3)', async () => {
  const { token_endpoint_auth_method: _, ...metadata } = app
  const body = (await (await post(metadata)).json()) as Body
  expect(body).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic', client_secret_expires_at: 0 })
  const stored = await findClient(store, String(body['client_id']))
  expect(stored?.secrets.map(({ hash }) => hash)).toEqual([hashOfSecret(String(body['client_secret']))])
})

test('a backend service registers its keys, or where they are', async () => {
  const service = {
    client_name: 'A service',
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    scope: 'system/Patient.rs',
  }
  expect(await (await post({ ...service, jwks })).json()).toMatchObject({ ...service, response_types: [] })
  const jwks_uri = 'https://service.example/jwks.json'
  expect(await (await post({ ...service, jwks_uri })).json()).toMatchObject({ ...service, jwks_uri })
})

test('what is for the clinic to say is not taken from the request (RG2)', async () => {
  const inside = {
    state: 'approved',
    status: 'approved',
    introspects: true,
    verified: true,
    tenant: 'other',
    t: 'other',
  }
  const body = (await (
    await post({ ...app, ...inside, client_id: 'mine', client_secret: 'mine', publisher: 'The clinic', _id: 'mine' })
  ).json()) as Body
  expect(body['client_id']).not.toBe('mine')
  const stored = await findClient(store, String(body['client_id']))
  expect(stored).toMatchObject({ state: 'pending', introspects: false, verified: false, t: 'default', secrets: [] })
  expect(stored).not.toHaveProperty('publisher')
})

const REDIRECTS = ['http://app.example/cb', 'https://app.example/*', 'javascript:alert(1)', 'https://a@app.example/']

test.each(REDIRECTS)('the redirect URI %s is refused (RG3)', async (uri) => {
  const answer = await post({ ...app, redirect_uris: [uri] })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ error: 'invalid_redirect_uri' })
})

const service = { token_endpoint_auth_method: 'private_key_jwt', redirect_uris: [], scope: 'system/*.rs' }

test.each<[string, Body]>([
  ['keys at an address without TLS', { ...service, jwks_uri: 'http://service.example/jwks' }],
  ['keys on this machine', { ...service, jwks_uri: 'https://127.0.0.1/jwks' }],
  ['keys in a private network', { ...service, jwks_uri: 'https://192.168.1.1/jwks' }],
  ['keys where clouds keep theirs', { ...service, jwks_uri: 'https://169.254.169.254/latest' }],
  ['keys on a machine that is a name only', { ...service, jwks_uri: 'https://mongodb:27017/' }],
  ['a logo on this machine', { logo_uri: 'https://localhost/logo.png' }],
  ['a launch address inside', { initiate_login_uri: 'https://10.0.0.1/launch' }],
])('%s: refused before anything is fetched (RG4)', async (_, metadata) => {
  const answer = await post({ ...app, ...metadata })
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_client_metadata' }])
})

test.each<[string, Body | string]>([
  ['a scope that is none', { ...app, scope: 'patient/*.dus' }],
  ['no name', { ...app, client_name: '' }],
  ['a grant that is not given here', { ...app, grant_types: ['password'] }],
  ['tokens in the address', { ...app, response_types: ['token'] }],
  ['a method that is not known', { ...app, token_endpoint_auth_method: 'client_secret_jwt' }],
  ['a member of every object for a method', { ...app, token_endpoint_auth_method: 'constructor' }],
  [
    'a service with a secret (CS4)',
    { ...app, token_endpoint_auth_method: 'client_secret_basic', grant_types: ['client_credentials'] },
  ],
  ['keys that are private', { ...app, ...service, jwks: { keys: [{ ...jwks.keys[0], d: 'x' }] } }],
  ['a name that is an object', { ...app, client_name: { $ne: null } }],
  ['redirect URIs that are objects', { ...app, redirect_uris: [{ $gt: '' }] }],
  ['a list', '[]'],
  ['no JSON', '{'],
])('%s: refused', async (_, metadata) => {
  const answer = await post(metadata)
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_client_metadata' }])
})

test('a form is no registration, nor is what is too large', async () => {
  const form = await post('client_name=x', { 'Content-Type': 'application/x-www-form-urlencoded' })
  expect([form.status, await form.json()]).toMatchObject([400, { error: 'invalid_client_metadata' }])
  const large = await post({ ...app, client_name: 'x'.repeat(70_000) })
  expect([large.status, await large.json()]).toMatchObject([413, { error: 'invalid_request' }])
})

test('a registration cannot be read or changed from outside (RG5)', async () => {
  const { client_id: id } = (await (await post(app)).json()) as { client_id: string }
  for (const method of ['GET', 'PUT', 'DELETE']) {
    expect((await fetch(`${url}/${id}`, { method })).status).toBe(404)
    expect((await fetch(url, { method })).status).toBe(405)
  }
})

test('who registers too much waits (RG6)', async () => {
  const send = () => fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })
  address = -1
  const answers = []
  for (let n = 0; n < 21; n++) answers.push(await send())
  expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 20 }, () => 400), 429])
  expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(3000)
})
