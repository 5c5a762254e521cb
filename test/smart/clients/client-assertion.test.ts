/** Clients that prove themselves by a key (checklist 1.13), against the authorization server over HTTP. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { SignJWT, UnsecuredJWT } from 'jose'
import type { Assertion, ServiceKey } from '../../support/assertions.ts'
import { ASSERTION_TYPE, now, proof, serviceKey, serviceWish } from '../../support/assertions.ts'
import { startSmartServer, token } from '../../support/smart-server.ts'
import type { SmartServer } from '../../support/smart-server.ts'

let server: SmartServer
let audience: string
let es: ServiceKey
let rs: ServiceKey
let id: string
const others: Server[] = []

beforeAll(async () => {
  server = await startSmartServer()
  audience = `${server.origin}/oauth/token`
  es = await serviceKey('ES384')
  rs = await serviceKey('RS384')
  id = await service({ jwks: { keys: [es.publicJwk, rs.publicJwk] } })
})

afterAll(async () => {
  for (const other of others) {
    other.closeAllConnections()
    other.close()
  }
  await server.stop()
})

async function service(keys: { readonly jwks?: unknown; readonly jwksUri?: string }): Promise<string> {
  const { client } = await server.client({ kind: 'asymmetric', redirectUris: [], scope: 'system/*.rs', ...keys })
  return client._id
}

async function serve(listener: RequestListener): Promise<string> {
  const other = createServer(listener).listen(0, '127.0.0.1')
  others.push(other)
  await new Promise((resolve) => other.once('listening', resolve))
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}/jwks`
}

const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs' }

async function ask(assertion: Partial<Assertion> = {}) {
  return token(server, { ...form, ...(await proof({ key: es, client: id, audience, ...assertion })) })
}

async function expectRefused(answer: ReturnType<typeof ask>): Promise<void> {
  expect(await answer).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
}

test('ES384 and RS384 are taken (CA01)', async () => {
  for (const key of [es, rs]) expect(await ask({ key })).toMatchObject({ status: 200, json: { token_type: 'Bearer' } })
})

test.each(['RS256', 'ES256', 'PS384', 'EdDSA'])('%s is refused (CA02)', async (alg) => {
  const key =
    alg.startsWith('RS') || alg.startsWith('PS') ? { ...(await serviceKey(alg)), kid: rs.kid } : await serviceKey(alg)
  await expectRefused(ask({ key }))
})

test('an assertion that nobody signed, or that is signed by a public key as a secret, is refused (CA02)', async () => {
  const claims = { iss: id, sub: id, aud: audience, exp: now() + 60, jti: randomUUID() }
  const none = new UnsecuredJWT(claims).encode()
  const secret = new TextEncoder().encode(JSON.stringify(rs.publicJwk))
  const hmac = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: rs.kid, typ: 'JWT' }).sign(secret)
  for (const client_assertion of [none, hmac]) {
    await expectRefused(token(server, { ...form, client_assertion_type: ASSERTION_TYPE, client_assertion }))
  }
})

test.each<[string, () => Record<string, unknown>]>([
  ['without exp (CA03)', () => ({ exp: undefined })],
  ['of the past (CA03)', () => ({ exp: now() - 10 })],
  ['for longer than five minutes (CA03)', () => ({ exp: now() + 320 })],
  ['with an exp that is no number (CA03)', () => ({ exp: '9999999999' })],
  ['by another than it is about (CA04)', () => ({ iss: 'other' })],
  ['without iss (CA04)', () => ({ iss: undefined })],
  ['for another server (CA05)', () => ({ aud: 'https://other.example/oauth/token' })],
  ['for several servers (CA05)', () => ({ aud: [audience, 'https://evil.example/token'] })],
  ['for the endpoint under another name (CA05)', () => ({ aud: `${audience}/` })],
  ['for nobody (CA05)', () => ({ aud: undefined })],
  ['without jti (CA06)', () => ({ jti: undefined })],
  ['with a jti that is no text (CA06)', () => ({ jti: 7 })],
  ['issued in the future (CA14)', () => ({ iat: now() + 30 })],
  ['not good yet (CA14)', () => ({ nbf: now() + 30 })],
])('an assertion %s is refused', async (_, claims) => {
  await expectRefused(ask({ claims: claims() }))
})

test('an assertion about another than it is by is refused (CA04)', async () => {
  await expectRefused(ask({ claims: { sub: await service({ jwks: { keys: [es.publicJwk] } }) } }))
  await expectRefused(ask({ claims: { sub: 'nobody' } }))
})

test('clocks may go five seconds apart, and no more (CA14)', async () => {
  for (const claims of [{ iat: now() + 3 }, { nbf: now() + 3 }, { exp: now() - 2 }, { exp: now() + 302 }]) {
    expect((await ask({ claims })).status).toBe(200)
  }
  for (const claims of [{ iat: now() + 12 }, { nbf: now() + 12 }, { exp: now() - 6 }, { exp: now() + 312 }]) {
    await expectRefused(ask({ claims }))
  }
})

test('the issuer is taken as audience too (CA05)', async () => {
  expect((await ask({ audience: server.origin })).status).toBe(200)
})

test('an assertion is good once (CA06)', async () => {
  const same = { ...form, ...(await proof({ key: es, client: id, audience })) }
  expect((await token(server, same)).status).toBe(200)
  await expectRefused(token(server, same))
  const jti = randomUUID()
  expect((await ask({ claims: { jti } })).status).toBe(200)
  await expectRefused(ask({ claims: { jti } }))
})

test.each<[string, () => Record<string, unknown>]>([
  ['without kid (CA07)', () => ({ kid: undefined })],
  ['with the kid of no key (CA07)', () => ({ kid: 'other' })],
  ['with the kid of a key of another kind (CA07)', () => ({ kid: rs.kid })],
  ['without typ (CA07)', () => ({ typ: undefined })],
  ['with another typ (CA07)', () => ({ typ: 'at+jwt' })],
])('an assertion %s is refused', async (_, header) => {
  await expectRefused(ask({ header: header() }))
})

test('an assertion by a key that only says it is the client’s is refused (CA07)', async () => {
  await expectRefused(ask({ key: { ...(await serviceKey()), kid: es.kid } }))
})

test('keys are fetched from where they were registered, and two of one kid are none (CA07, CA09)', async () => {
  let keys: unknown[] = [es.publicJwk]
  const jwksUri = await serve((_, response) => {
    response.setHeader('Cache-Control', 'no-store').end(JSON.stringify({ keys }))
  })
  const client = await service({ jwksUri })
  expect((await ask({ client })).status).toBe(200)
  expect((await ask({ client, header: { jku: jwksUri } })).status).toBe(200)
  keys = [es.publicJwk, { ...rs.publicJwk, kid: es.kid }]
  await expectRefused(ask({ client }))
})

test('what an assertion says of its keys’ place is not fetched (CA08)', async () => {
  let asked = 0
  const jku = await serve((_, response) => {
    asked++
    response.end(JSON.stringify({ keys: [es.publicJwk] }))
  })
  await expectRefused(ask({ header: { jku } }))
  const client = await service({ jwksUri: await serve((_, response) => response.end(JSON.stringify({ keys: [] }))) })
  await expectRefused(ask({ client, header: { jku } }))
  expect(asked).toBe(0)
})

test('a new key is taken, and one that was taken away is refused when it may not be remembered (CA11, CA12)', async () => {
  const next = await serviceKey()
  let keys = [es.publicJwk]
  let control = 'max-age=3600'
  const jwksUri = await serve((_, response) => {
    response.setHeader('Cache-Control', control).end(JSON.stringify({ keys }))
  })
  const client = await service({ jwksUri })
  expect((await ask({ client })).status).toBe(200)
  keys = [next.publicJwk]
  control = 'max-age=1'
  await new Promise((resolve) => setTimeout(resolve, 5_100))
  expect((await ask({ client, key: next })).status).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await expectRefused(ask({ client }))
})

test.each<[string, Record<string, string>]>([
  ['no JWT', { client_assertion: 'abc' }],
  ['a JWT of nothing', { client_assertion: 'e30.e30.' }],
  ['another type', { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }],
  ['no type', { client_assertion_type: '' }],
  ['another client_id beside it', { client_id: 'other' }],
  ['a secret beside it (TK5)', { client_secret: 'secret' }],
])('%s: refused (CA13)', async (_, more) => {
  const answer = await token(server, { ...form, ...(await proof({ key: es, client: id, audience })), ...more })
  expect([400, 401]).toContain(answer.status)
  expect(['invalid_request', 'invalid_client']).toContain(answer.json['error'])
})

test('a client that is not approved, or was suspended, is nobody (RG1)', async () => {
  for (const state of ['pending', 'suspended'] as const) {
    const wish = serviceWish(es, 'system/*.rs')
    const { client } = await server.client(wish, { state })
    await expectRefused(ask({ client: client._id }))
  }
})
