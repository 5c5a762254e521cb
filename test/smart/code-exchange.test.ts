/** A code for tokens: what it is bound to (checklist A13), PKCE (1.3) and the answer (1.9). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { AccountDocument } from '../../src/store/accounts.ts'
import {
  authorize,
  authorizeUrl,
  Browser,
  newPkce,
  REDIRECT,
  startSmartServer,
  token,
} from '../support/smart-server.ts'
import type { Launch, SmartServer } from '../support/smart-server.ts'

let server: SmartServer
let account: AccountDocument
let id: string
let browser: Browser

const scope = 'user/Patient.rs offline_access'

beforeAll(async () => {
  server = await startSmartServer()
  await server.put({ resourceType: 'Patient', id: 'hms-1' })
  account = await server.account()
  id = (await server.client({ redirectUris: [REDIRECT, 'https://app.example/other'] })).client._id
  browser = new Browser(server.origin)
})

afterAll(() => server.stop())

/** All that redeems a new code. */
async function redeeming(launch: Partial<Launch> = {}): Promise<Record<string, string>> {
  const { sent, pkce } = await authorize(server, { client: id, account, scope, browser, ...launch })
  const code = sent.get('code')
  if (code === null) throw new Error(sent.toString())
  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT }
  return { ...form, client_id: launch.client ?? id, code_verifier: pkce.verifier }
}

const refused = { status: 400, json: { error: 'invalid_grant' } }

const without = (form: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(form).filter(([each]) => each !== name))

async function introspect(value: string): Promise<unknown> {
  const { client, secret } = await server.client({ kind: 'symmetric' }, { introspects: true })
  const authorization = `Basic ${Buffer.from(`${client._id}:${secret ?? ''}`).toString('base64')}`
  const init = { method: 'POST', headers: { authorization }, body: new URLSearchParams({ token: value }) }
  return (await fetch(`${server.origin}/oauth/introspect`, init)).json()
}

test('a code that was redeemed is refused and ends what came of it (A13)', async () => {
  const form = await redeeming()
  const { json } = await token(server, form)
  expect(await introspect(String(json['access_token']))).toMatchObject({ active: true })
  expect(await token(server, form)).toMatchObject(refused)
  expect(await introspect(String(json['access_token']))).toEqual({ active: false })
  const refresh = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']), client_id: id }
  expect(await token(server, refresh)).toMatchObject(refused)
})

test('a code is good for its client only (A13)', async () => {
  const { client } = await server.client()
  const form = await redeeming()
  expect(await token(server, { ...form, client_id: client._id })).toMatchObject(refused)
  expect((await token(server, form)).status).toBe(200)
})

test('a code is good for its redirect URI only (A13)', async () => {
  const form = await redeeming()
  expect(await token(server, { ...form, redirect_uri: 'https://app.example/other' })).toMatchObject(refused)
  expect((await token(server, without(form, 'redirect_uri'))).status).toBe(400)
})

test('a code is good for a minute (A13)', async () => {
  const form = await redeeming()
  const stored = await server.store.authorization.find({ _id: /^AuthorizationCode\// }).toArray()
  for (const { payload } of stored) expect(Number(payload['exp']) - Number(payload['iat'])).toBeLessThanOrEqual(60)
  const past = Math.floor(Date.now() / 1000) - 10
  await server.store.authorization.updateMany({ _id: /^AuthorizationCode\// }, { $set: { 'payload.exp': past } })
  expect(await token(server, form)).toMatchObject(refused)
})

test('of many who redeem a code at once one is given tokens (A14)', async () => {
  const form = await redeeming()
  const answers = await Promise.all(Array.from({ length: 8 }, () => token(server, form)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 400)])
})

test('a code that nobody was given is refused (TK4)', async () => {
  expect(await token(server, { ...(await redeeming()), code: 'x'.repeat(43) })).toMatchObject(refused)
})

test.each([{ code_challenge: undefined, code_challenge_method: undefined }, { code_challenge: undefined }])(
  'without a challenge nothing is authorized, be the app public or not (P01)',
  async (parameters) => {
    for (const kind of ['public', 'symmetric'] as const) {
      const { client } = await server.client({ kind })
      const { sent } = await authorize(server, { client: client._id, account, scope, browser, parameters })
      expect(sent.get('error')).toBe('invalid_request')
      expect(sent.has('code')).toBe(false)
    }
  },
)

test.each(['plain', undefined, 's256'])('the challenge method %s is refused (P02)', async (method) => {
  const parameters = { code_challenge_method: method }
  const { sent } = await authorize(server, { client: id, account, scope, browser, parameters })
  expect(sent.get('error')).toBe('invalid_request')
})

test('a code without its verifier is refused, be that missing, blank or another (P03)', async () => {
  const form = await redeeming()
  expect([400, 401]).toContain((await token(server, without(form, 'code_verifier'))).status)
  expect([400, 401]).toContain((await token(server, { ...form, code_verifier: '' })).status)
  expect(await token(server, { ...form, code_verifier: newPkce().verifier })).toMatchObject(refused)
})

test('the challenge itself is no verifier (P03)', async () => {
  const pkce = newPkce()
  const form = await redeeming({ pkce })
  expect(await token(server, { ...form, code_verifier: pkce.challenge })).toMatchObject(refused)
})

test.each(['short', 'x'.repeat(129), `${'x'.repeat(50)}!`])(
  'the verifier %s is refused (P04)',
  async (code_verifier) => {
    const { status, json } = await token(server, { ...(await redeeming()), code_verifier })
    expect([status, json['error']]).toEqual([400, 'invalid_grant'])
  },
)

test('a challenge cannot be left out on the way and a verifier be sent all the same (P05)', async () => {
  const form = await redeeming()
  await server.store.authorization.updateMany(
    { _id: /^AuthorizationCode\// },
    { $unset: { 'payload.codeChallenge': 1, 'payload.codeChallengeMethod': 1 } },
  )
  expect(await token(server, form)).toMatchObject(refused)
})

test('the answer is JSON that nobody keeps, with type, lifetime as a number and scope (TK1, TK2)', async () => {
  const { status, headers, json } = await token(server, await redeeming())
  expect(status).toBe(200)
  expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache'])
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(json).toMatchObject({ access_token: expect.any(String), expires_in: expect.any(Number), scope })
  expect(String(json['token_type']).toLowerCase()).toBe('bearer')
})

test('tokens are asked for by a form only (TK3)', async () => {
  const url = `${server.origin}/oauth/token`
  const form = await redeeming()
  const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(form) }
  const answer = await fetch(url, json)
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_request' }])
  expect([404, 405]).toContain((await fetch(`${url}?${new URLSearchParams(form).toString()}`)).status)
  const large = await token(server, { ...form, scope: 'x'.repeat(100_000) })
  expect(large.status).toBeGreaterThanOrEqual(400)
  expect(large.status).toBeLessThan(500)
})

test('a parameter that comes twice is refused (A07)', async () => {
  const form = new URLSearchParams(await redeeming())
  form.append('code', 'another')
  const answer = await fetch(`${server.origin}/oauth/token`, { method: 'POST', body: form })
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_request' }])
})

test('a client that nobody knows is refused (TK4)', async () => {
  const { status, json } = await token(server, { ...(await redeeming()), client_id: 'nobody' })
  expect([status, json['error']]).toEqual([401, 'invalid_client'])
})

test('a secret in the header and another in the form are one too many (TK5)', async () => {
  const { client, secret = '' } = await server.client({ kind: 'symmetric' })
  const form = await redeeming({ client: client._id })
  const headers = { authorization: `Basic ${Buffer.from(`${client._id}:${secret}`).toString('base64')}` }
  const both = await token(server, { ...form, client_secret: secret }, headers)
  expect([both.status, both.json['error']]).toEqual([400, 'invalid_request'])
  expect((await token(server, without(form, 'client_id'), headers)).status).toBe(200)
})

test('errors name no secret and no code (A17)', async () => {
  const form = await redeeming()
  const { json } = await token(server, { ...form, code_verifier: newPkce().verifier })
  expect(JSON.stringify(json)).not.toContain(form['code'])
  const page = await new Browser(server.origin).open(
    authorizeUrl(server, { client: 'nobody-secret', scope: 'x', parameters: {} }, newPkce()),
  )
  expect([page.status, (await page.text()).includes('nobody-secret')]).toEqual([400, false])
})
