/** Which pages of browsers may read answers (checklist 1.17). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { authorize, Browser, REDIRECT, startSmartServer, token } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

let server: SmartServer
let account: AccountDocument
let id: string
let other: string

const origin = 'https://app.example'
const evil = 'https://evil.example'

beforeAll(async () => {
  server = await startSmartServer()
  account = await server.account()
  id = (await server.client()).client._id
  other = (await server.client({ redirectUris: ['https://other.example/cb'] })).client._id
  await server.put({ resourceType: 'Patient', id: 'hms-1' })
})

afterAll(() => server.stop())

async function redeem(from: string, client = id) {
  const launch = { client: id, account, scope: 'user/Patient.rs', browser: new Browser(server.origin) }
  const { sent, pkce } = await authorize(server, launch)
  const code = String(sent.get('code'))
  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: pkce.verifier }
  return token(server, { ...form, client_id: client }, { origin: from })
}

const preflight = (path: string, from: string, method = 'POST') =>
  fetch(server.origin + path, {
    method: 'OPTIONS',
    headers: {
      origin: from,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization, content-type, if-match',
    },
  })

const allowed = (answer: { readonly headers: Headers }) => answer.headers.get('access-control-allow-origin')

test('what the server can do is told to pages of any origin (CO1)', async () => {
  const open = ['/fhir/R4/metadata', '/fhir/R4/.well-known/smart-configuration', '/.well-known/smart-configuration']
  for (const path of [...open, '/.well-known/openid-configuration', '/oauth/jwks']) {
    const answer = await fetch(server.origin + path, { headers: { origin: evil } })
    expect([path, answer.status, ['*', evil].includes(String(allowed(answer)))]).toEqual([path, 200, true])
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  }
})

test('tokens are told to pages of their app (CO2)', async () => {
  const answer = await redeem(origin)
  expect([answer.status, allowed(answer)]).toEqual([200, origin])
  expect(answer.headers.get('vary')).toMatch(/origin/i)
})

test('the page of another origin is refused at the token endpoint, and told nothing (CO4)', async () => {
  for (const from of [evil, 'https://other.example', `${origin}.evil.example`, 'null']) {
    const answer = await redeem(from)
    expect([answer.status, allowed(answer)]).toEqual([400, null])
  }
})

test('records are told to pages of the token’s app, with the headers that FHIR needs (CO2, CO3)', async () => {
  const { json } = await redeem(origin)
  const headers = { authorization: `Bearer ${String(json['access_token'])}` }
  const own = await server.get('Patient/hms-1', { headers: { ...headers, origin } })
  expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, origin])
  expect(own.headers.get('vary')).toMatch(/origin/i)
  for (const name of ['Location', 'ETag', 'Content-Location', 'Last-Modified', 'X-Progress', 'Retry-After']) {
    expect(own.headers.get('access-control-expose-headers')).toContain(name)
  }
  for (const from of [evil, 'https://other.example']) {
    const answer = await server.get('Patient/hms-1', { headers: { ...headers, origin: from } })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  }
})

test('the page of an app is told that its token is over (CO2)', async () => {
  const answer = await server.get('Patient/hms-1', { headers: { authorization: 'Bearer over', origin } })
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, origin])
  const strange = await server.get('Patient/hms-1', { headers: { authorization: 'Bearer over', origin: evil } })
  expect([strange.status, strange.headers.get('access-control-allow-origin')]).toEqual([401, null])
})

test.each(['/fhir/R4/Patient/hms-1', '/oauth/token', '/oauth/revoke', '/oauth/introspect'])(
  'before a request to %s an app’s page is told what it may send, without a token (CO3, CO6)',
  async (path) => {
    const answer = await preflight(path, origin, path.startsWith('/oauth') ? 'POST' : 'PUT')
    expect([answer.status, allowed(answer)]).toEqual([204, origin])
    for (const name of ['Authorization', 'Content-Type', 'Prefer', 'If-Match', 'If-None-Exist']) {
      expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toContain(name.toLowerCase())
    }
    expect(answer.headers.get('access-control-allow-methods')).toContain(path.startsWith('/oauth') ? 'POST' : 'PUT')
    expect(allowed(await preflight(path, evil))).toBeNull()
  },
)

test('the page of an app that is not approved is nobody’s (CO6)', async () => {
  await server.client({ redirectUris: ['https://pending.example/cb'] }, { state: 'pending' })
  expect(allowed(await preflight('/oauth/token', 'https://pending.example'))).toBeNull()
  expect(allowed(await preflight('/oauth/token', 'https://other.example'))).toBe('https://other.example')
  expect(other).not.toBe(id)
})

test('pages with cookies are told to no other page (CO5)', async () => {
  for (const path of ['/oauth/authorize', '/oauth/interaction/x', '/oauth/apps', '/oauth/register']) {
    const answer = await fetch(server.origin + path, { headers: { origin }, redirect: 'manual' })
    expect([path, allowed(answer)]).toEqual([path, null])
    expect(allowed(await preflight(path, origin))).toBeNull()
  }
})
