/** Introspection (checklist 1.15) and revocation (1.16). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { AccountDocument } from '../../../src/store/accounts.ts'
import { revokeTokens } from '../../../src/store/authorization.ts'
import { decideClient } from '../../../src/store/clients.ts'
import { proof, serviceKey, serviceWish } from '../../support/assertions.ts'
import { Browser, launched, startSmartServer, token } from '../../support/smart-server.ts'
import type { SmartServer, TokenAnswer } from '../../support/smart-server.ts'

let server: SmartServer
let account: AccountDocument
let id: string
let browser: Browser
/** of a resource server, which may ask of all */
let asking: Record<string, string>

const scope = 'openid fhirUser offline_access user/Patient.rs'

beforeAll(async () => {
  server = await startSmartServer()
  account = await server.account({ person: 'Practitioner/hms-9' })
  id = (await server.client()).client._id
  browser = new Browser(server.origin)
  const { client, secret = '' } = await server.client({ kind: 'symmetric' }, { introspects: true })
  asking = basic(client._id, secret)
})

afterAll(() => server.stop())

const basic = (client: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}`,
})
const bearer = (json: TokenAnswer['json']) => ({ authorization: `Bearer ${String(json['access_token'])}` })

async function granted(client = id): Promise<TokenAnswer['json']> {
  const { status, json } = await launched(server, { client, account, scope, browser })
  if (status !== 200) throw new Error(JSON.stringify(json))
  return json
}

async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  const init = { method: 'POST', headers, body: new URLSearchParams(form) }
  const response = await fetch(`${server.origin}/oauth/${path}`, init)
  const text = await response.text()
  const json = (text === '' ? undefined : JSON.parse(text)) as Readonly<Record<string, unknown>> | undefined
  return { status: response.status, headers: response.headers, json }
}

const introspect = (value: unknown, headers: Record<string, string> = asking, form: Record<string, string> = {}) =>
  post('introspect', { token: String(value), ...form }, headers)
const revoke = (value: unknown, form: Record<string, string> = { client_id: id }, headers = {}) =>
  post('revoke', { token: String(value), ...form }, headers)
const inactive = { status: 200, json: { active: false } }

test('a good token is told of as its app was told (IN1)', async () => {
  const json = await granted()
  const answer = await introspect(json['access_token'])
  const seconds = Math.floor(Date.now() / 1000)
  expect([answer.status, answer.json]).toEqual([
    200,
    {
      ...{ active: true, scope, client_id: id, token_type: 'Bearer', exp: expect.any(Number), iat: expect.any(Number) },
      ...{ iss: server.origin, sub: account._id, aud: server.base, fhirUser: `${server.base}/Practitioner/hms-9` },
    },
  ])
  expect(Number(answer.json?.['exp']) - seconds).toBeGreaterThan(3500)
  expect([answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual(['no-store', 'no-cache'])
})

test('the launch is told of, before and after a refresh (IN1, LC8)', async () => {
  await server.put({ resourceType: 'Patient', id: 'hms-1' })
  const json = await granted()
  const launch = { patient: 'hms-1', need_patient_banner: true }
  await server.store.authorization.updateMany(
    { client: id, _id: /^AccessToken\// },
    { $set: { 'payload.extra.launch': launch } },
  )
  await server.store.grants.updateMany({ client: id }, { $set: { launch } })
  expect((await introspect(json['access_token'])).json).toMatchObject(launch)
  const form = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']), client_id: id }
  const next = await token(server, form)
  expect(next.json).toMatchObject(launch)
  expect((await introspect(next.json['access_token'])).json).toMatchObject(launch)
})

test.each(['', 'x', 'x'.repeat(43), '{"$ne":null}', 'a.b.c'])('of %j nothing is told (IN2)', async (value) => {
  const { status, json } = await introspect(value)
  if (value === '') expect([status, json?.['error']]).toEqual([400, 'invalid_request'])
  else if (value === 'a.b.c') expect([200, 400]).toContain(status)
  else expect([status, json]).toEqual([200, { active: false }])
})

test('of an expired token nothing is told (IN2)', async () => {
  const json = await granted()
  const past = Math.floor(Date.now() / 1000) - 10
  await server.store.authorization.updateMany({ _id: /^AccessToken\// }, { $set: { 'payload.exp': past } })
  expect(await introspect(json['access_token'])).toMatchObject(inactive)
  expect(await introspect(json['access_token'], bearer(await granted()))).toMatchObject(inactive)
})

test('who may ask also asks with an access token, of the tokens of any app (IN3)', async () => {
  const key = await serviceKey()
  const wish = serviceWish(key, 'system/*.rs')
  const { client } = await server.client(wish, { introspects: true })
  const proven = await proof({ key, client: client._id, audience: `${server.origin}/oauth/token` })
  const own = (await token(server, { grant_type: 'client_credentials', scope: 'system/*.rs', ...proven })).json
  const json = await granted()
  const byToken = await introspect(json['access_token'], bearer(own))
  expect(byToken).toMatchObject({ status: 200, json: { active: true, client_id: id } })
  const again = await proof({ key, client: client._id, audience: `${server.origin}/oauth/token` })
  expect((await introspect(json['access_token'], {}, again)).json).toEqual(byToken.json)
  expect((await introspect(json['access_token'])).json).toEqual(byToken.json)
})

test('who does not say who they are is refused (IN4)', async () => {
  const { access_token: value } = await granted()
  for (const form of [{}, { client_id: id }]) {
    const { status, headers, json } = await introspect(value, {}, form)
    expect([status, json?.['error'], headers.get('www-authenticate')]).toEqual([401, 'invalid_client', 'Bearer, Basic'])
  }
  expect((await introspect(value, basic('nobody', 'x'))).status).toBe(401)
  const unknown = await introspect(value, { authorization: 'Bearer unknown' })
  expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
})

test('a client without the right is told of its own tokens only (IN4)', async () => {
  const { client, secret = '' } = await server.client({ kind: 'symmetric' })
  const json = await granted()
  expect(await introspect(json['access_token'], basic(client._id, secret))).toMatchObject(inactive)
  const others = await granted((await server.client()).client._id)
  expect(await introspect(json['access_token'], bearer(others))).toMatchObject(inactive)
  expect((await introspect(json['access_token'], bearer(json))).json).toMatchObject({ active: true })
})

test('nobody is told of the refresh tokens of others (IN5)', async () => {
  const json = await granted()
  expect(await introspect(json['refresh_token'])).toMatchObject(inactive)
  expect((await introspect(json['refresh_token'], bearer(json))).json).toMatchObject({ active: true, client_id: id })
})

test('a tenant’s tokens are told of within the tenant', async () => {
  const { client, secret = '' } = await server.client({ kind: 'symmetric' }, { introspects: true, tenant: 'other' })
  expect(await introspect((await granted())['access_token'], basic(client._id, secret))).toMatchObject(inactive)
})

test('who tries one token after the other waits (IN6)', async () => {
  const { client, secret = '' } = await server.client({ kind: 'symmetric' }, { introspects: true })
  const statuses = []
  for (let n = 0; n < 105; n++) statuses.push((await introspect(`guess${n}`, basic(client._id, secret))).status)
  expect([statuses[0], statuses.at(-1)]).toEqual([200, 429])
  expect((await introspect((await granted())['access_token'])).status).toBe(200)
})

test('a token beside another proof is one too many (TK5)', async () => {
  const json = await granted()
  const { status } = await introspect(json['access_token'], bearer(json), { client_secret: 'x', client_id: id })
  expect(status).toBe(400)
  const twice = new URLSearchParams([
    ['token', 'a'],
    ['token', 'b'],
  ])
  const answer = await fetch(`${server.origin}/oauth/introspect`, {
    method: 'POST',
    headers: bearer(json),
    body: twice,
  })
  expect(answer.status).toBe(400)
})

test('a token that its app revokes is good for nothing from then on (RV1)', async () => {
  const json = await granted()
  expect((await server.get('Patient', { headers: bearer(json) })).status).toBe(200)
  expect((await revoke(json['access_token'])).status).toBe(200)
  expect(await introspect(json['access_token'])).toMatchObject(inactive)
  await new Promise((resolve) => setTimeout(resolve, 5_100))
  expect((await server.get('Patient', { headers: bearer(json) })).status).toBe(401)
})

test('a token that there is not is revoked without complaint (RV2)', async () => {
  for (const hint of ['access_token', 'refresh_token', 'unknown']) {
    expect((await revoke('x'.repeat(43), { client_id: id, token_type_hint: hint })).status).toBe(200)
  }
})

test('the token of another app is not revoked (RV3)', async () => {
  const json = await granted()
  const { client } = await server.client()
  for (const value of [json['access_token'], json['refresh_token']]) {
    expect((await revoke(value, { client_id: client._id })).status).toBe(200)
  }
  expect((await introspect(json['access_token'])).json).toMatchObject({ active: true })
})

test('with its refresh token an app’s access tokens end (RV4)', async () => {
  const json = await granted()
  expect((await revoke(json['refresh_token'])).status).toBe(200)
  expect(await introspect(json['access_token'])).toMatchObject(inactive)
  const form = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']), client_id: id }
  expect(await token(server, form)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
})

test('who cannot prove who they are revokes nothing (RV3)', async () => {
  const { client } = await server.client({ kind: 'symmetric' })
  const json = await granted()
  const { status, json: error } = await revoke(json['access_token'], { client_id: client._id })
  expect([status, error?.['error']]).toEqual([401, 'invalid_client'])
})

test('what a suspended app or a disabled person has running ends, and nothing else (RV6)', async () => {
  const [app, person] = ['0a.b', 'per-son']
  const names = [`client ${app}`, `user ${person} by ${app}`, `user other by ${app}`, `user ${person} by x`]
  const running = async (ended: { readonly client?: string; readonly account?: string }) => {
    await server.store.jobs.deleteMany({})
    const jobs = [...names, 'client 0axb', 'user x by 0axb', 'anonymous'].map((by, n) => ({
      _id: `${n}`,
      by,
      state: 'open',
    }))
    await server.store.jobs.insertMany(jobs as never)
    await revokeTokens(server.store, ended)
    return (await server.store.jobs.find({ state: 'open' }).sort({ _id: 1 }).toArray()).map(({ by }) => by)
  }
  expect(await running({ client: app })).toEqual([`user ${person} by x`, 'client 0axb', 'user x by 0axb', 'anonymous'])
  expect(await running({ account: person })).toEqual([names[0], names[2], 'client 0axb', 'user x by 0axb', 'anonymous'])
  expect(await running({ account: person, client: app })).not.toContain(names[1])
  await server.store.jobs.deleteMany({})
})

test('of a suspended app nothing is good any more (RV6)', async () => {
  const { client } = await server.client()
  const json = await granted(client._id)
  await decideClient(server.store, client._id, { state: 'suspended' })
  expect(await introspect(json['access_token'])).toMatchObject(inactive)
  const form = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']), client_id: client._id }
  expect(await token(server, form)).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
  await new Promise((resolve) => setTimeout(resolve, 5_100))
  expect((await server.get('Patient', { headers: bearer(json) })).status).toBe(401)
})
