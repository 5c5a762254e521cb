/** Refresh tokens (checklist 1.11). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { revokeTokens } from '../../src/store/authorization.ts'
import { Browser, launched, startSmartServer, token } from '../support/smart-server.ts'
import type { SmartServer, TokenAnswer } from '../support/smart-server.ts'

let server: SmartServer
let account: AccountDocument
let id: string
let browser: Browser

const scope = 'openid offline_access user/Patient.rs user/Observation.rs'

beforeAll(async () => {
  server = await startSmartServer()
  account = await server.account()
  id = (await server.client()).client._id
  browser = new Browser(server.origin)
})

afterAll(() => server.stop())

async function granted(asked = scope): Promise<TokenAnswer['json']> {
  const { status, json } = await launched(server, { client: id, account, scope: asked, browser })
  if (status !== 200) throw new Error(JSON.stringify(json))
  return json
}

function refresh(json: TokenAnswer['json'], form: Record<string, string> = {}): Promise<TokenAnswer> {
  const refresh_token = String(json['refresh_token'])
  return token(server, { grant_type: 'refresh_token', refresh_token, client_id: id, ...form })
}

const refused = { status: 400, json: { error: 'invalid_grant' } }

const isGood = async (json: TokenAnswer['json']): Promise<boolean> =>
  (await server.get('Patient', { headers: { authorization: `Bearer ${String(json['access_token'])}` } })).status === 200

test('a refresh gives tokens of the same scope, each time others (RF2, RF5)', async () => {
  const first = await granted()
  const { status, headers, json } = await refresh(first)
  expect([status, json]).toMatchObject([200, { token_type: 'Bearer', expires_in: 3600, scope }])
  expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache'])
  expect(json['refresh_token']).not.toBe(first['refresh_token'])
  expect(json['access_token']).not.toBe(first['access_token'])
  expect(await isGood(json)).toBe(true)
})

test('offline access goes on without the user’s session, online access ends with it (RF1)', async () => {
  const [offline, online] = [await granted(), await granted(scope.replace('offline', 'online'))]
  await server.store.authorization.deleteMany({ _id: /^Session\// })
  expect((await refresh(offline)).status).toBe(200)
  expect(await refresh(online)).toMatchObject(refused)
  browser = new Browser(server.origin)
})

test('without either there is no refresh token', async () => {
  expect(await granted('user/Patient.rs')).not.toHaveProperty('refresh_token')
})

test('less may be asked for, more not (RF3)', async () => {
  const less = await refresh(await granted(), { scope: 'user/Patient.rs' })
  expect([less.status, less.json['scope']]).toEqual([200, 'user/Patient.rs'])
  for (const wider of ['user/*.rs', 'user/Patient.cruds', `${scope} user/Condition.rs`]) {
    const { status, json } = await refresh(await granted(), { scope: wider })
    expect([status, json['error']]).toEqual([400, 'invalid_scope'])
  }
})

test('a refresh token is good for its client only (RF4)', async () => {
  const json = await granted()
  const { client } = await server.client()
  expect(await refresh(json, { client_id: client._id })).toMatchObject(refused)
  expect((await refresh(json)).status).toBe(200)
})

test('one that was used already is refused, and ends all that came of it (RF5)', async () => {
  const first = await granted()
  const second = (await refresh(first)).json
  expect(await refresh(first)).toMatchObject(refused)
  expect(await refresh(second)).toMatchObject(refused)
  expect(await isGood(second)).toBe(false)
})

test('of many who use one at once one is given tokens (RF6)', async () => {
  const json = await granted()
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(json)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 400)])
})

test('who lost the answer signs in again: the answer says so (RF7)', async () => {
  const json = await granted()
  await refresh(json)
  expect(await refresh(json)).toMatchObject({ json: { error_description: expect.stringContaining('sign in again') } })
})

test('a refresh token ends when it was not used for long, and in any case after a while (RF8)', async () => {
  const day = 24 * 3600
  const json = await granted()
  const stored = async (model: RegExp) => {
    const [newest] = await server.store.authorization.find({ _id: model }).sort({ 'payload.iat': -1 }).toArray()
    return Number(newest?.payload['exp']) - Number(newest?.payload['iat'])
  }
  expect(await stored(/^RefreshToken\//)).toBe(30 * day)
  expect(await stored(/^Grant\//)).toBe(90 * day)
  const past = Math.floor(Date.now() / 1000) - 10
  await server.store.authorization.updateMany({ _id: /^Grant\// }, { $set: { 'payload.exp': past } })
  expect(await refresh(json)).toMatchObject(refused)
  const idle = await granted()
  await server.store.authorization.updateMany({ _id: /^RefreshToken\// }, { $set: { 'payload.exp': past } })
  expect(await refresh(idle)).toMatchObject(refused)
})

test.each<[string, () => Parameters<typeof revokeTokens>[1]]>([
  ['the account', () => ({ account: account._id })],
  ['the app', () => ({ client: id })],
])('what was given by %s is refused from the moment it is revoked (RF8, RV6)', async (_, ended) => {
  const json = await granted()
  await revokeTokens(server.store, ended())
  expect(await refresh(json)).toMatchObject(refused)
  expect(await isGood(json)).toBe(false)
})

test.each(['', 'x', 'x'.repeat(43), '{"$ne":null}'])('%j is no refresh token (RF8)', async (refresh_token) => {
  const { status, json } = await refresh({}, { refresh_token })
  expect([status, ['invalid_grant', 'invalid_request'].includes(String(json['error']))]).toEqual([400, true])
})
