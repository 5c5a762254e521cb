/** Clients that prove themselves by a secret (checklist 1.12). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { addSecret, newSecret } from '../../src/store/clients.ts'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { authorize, Browser, REDIRECT, startSmartServer, token } from '../support/smart-server.ts'
import type { SmartServer, TokenAnswer } from '../support/smart-server.ts'

let server: SmartServer
let account: AccountDocument
let browser: Browser

beforeAll(async () => {
  server = await startSmartServer()
  account = await server.account()
  browser = new Browser(server.origin)
})

afterAll(() => server.stop())

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
})

async function symmetric(): Promise<{ id: string; secret: string }> {
  const { client, secret = '' } = await server.client({ kind: 'symmetric' })
  return { id: client._id, secret }
}

async function redeem(
  id: string,
  headers: Record<string, string>,
  form: Record<string, string> = {},
): Promise<TokenAnswer> {
  const { sent, pkce } = await authorize(server, { client: id, account, scope: 'user/Patient.rs', browser })
  const code = String(sent.get('code'))
  const usual = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: pkce.verifier }
  return token(server, { ...usual, ...form }, headers)
}

test('the secret is taken from the header or the form (CS1)', async () => {
  const { id, secret } = await symmetric()
  expect((await redeem(id, basic(id, secret))).status).toBe(200)
  expect((await redeem(id, {}, { client_id: id, client_secret: secret })).status).toBe(200)
})

test('a wrong secret, and none, is refused and says how it is to be sent (CS1)', async () => {
  const { id } = await symmetric()
  const wrong = await redeem(id, basic(id, 'wrong'))
  expect([wrong.status, wrong.json['error']]).toEqual([401, 'invalid_client'])
  expect(wrong.headers.get('www-authenticate')).toMatch(/^Basic /)
  const none = await redeem(id, {}, { client_id: id })
  expect([none.status, none.json['error']]).toEqual([401, 'invalid_client'])
})

test('the hash that is stored is no secret (CS3)', async () => {
  const { client } = await server.client({ kind: 'symmetric' })
  const stored = String(client.secrets[0]?.hash)
  expect((await redeem(client._id, basic(client._id, stored))).status).toBe(401)
})

test('two secrets live side by side, so that one can be changed; a third ends the first (CS3)', async () => {
  const { id, secret } = await symmetric()
  const [second, third] = [newSecret(), newSecret()]
  await addSecret(server.store, id, { stored: second.stored, alone: false })
  for (const each of [secret, second.secret]) expect((await redeem(id, basic(id, each))).status).toBe(200)
  await addSecret(server.store, id, { stored: third.stored, alone: false })
  expect((await redeem(id, basic(id, secret))).status).toBe(401)
  for (const each of [second.secret, third.secret]) expect((await redeem(id, basic(id, each))).status).toBe(200)
})

test('who tries many secrets of a client waits, and others are not kept from theirs (CS2)', async () => {
  const [victim, other] = [await symmetric(), await symmetric()]
  const guess = (id: string) => token(server, { grant_type: 'client_credentials' }, basic(id, 'guess'))
  const statuses = []
  for (let n = 0; n < 35; n++) statuses.push((await guess(victim.id)).status)
  expect(statuses.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 401))
  expect(statuses.at(-1)).toBe(429)
  expect(Number((await guess(victim.id)).headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await redeem(other.id, basic(other.id, other.secret))).status).toBe(200)
})

test('a secret is nothing for a service: it gets no token of its own (CS4)', async () => {
  const { client, secret = '' } = await server.client({ kind: 'symmetric', scope: 'system/*.rs user/*.rs' })
  const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs' }
  const { status, json } = await token(server, form, basic(client._id, secret))
  expect([status, json['error']]).toEqual([400, 'unauthorized_client'])
})
