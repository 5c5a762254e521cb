/** What an app asks for in the browser (checklist 1.2), and of which FHIR base (1.4). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { AccountDocument } from '../../src/store/accounts.ts'
import type { Authorized, SmartServer } from '../support/smart-server.ts'
import {
  authorize,
  authorizeUrl,
  Browser,
  launched,
  newPkce,
  REDIRECT,
  startSmartServer,
  token,
} from '../support/smart-server.ts'

let server: SmartServer
let account: AccountDocument
let browser: Browser
let id: string
let other: string

const scope = 'user/Patient.rs'

beforeAll(async () => {
  server = await startSmartServer()
  await server.store.tenants.insertOne({ _id: 'other', instance: 'x', key: 'other', name: 'Other' })
  account = await server.account()
  browser = new Browser(server.origin)
  id = (await server.client()).client._id
  other = `${server.origin}/t/other/fhir/R4`
})

afterAll(() => server.stop())

type Parameters = Readonly<Record<string, string | undefined>>

const ask = (parameters: Parameters, client = id): Promise<Authorized> =>
  authorize(server, { client, account, scope, browser, parameters })

/** The page that a browser is left at, where it is not sent to the app. */
async function page(parameters: Parameters, client = id): Promise<Response> {
  const answer = await new Browser(server.origin).open(authorizeUrl(server, { client, scope, parameters }, newPkce()))
  expect(answer.headers.get('location')).toBeNull()
  return answer
}

test('a request may come as a form, and be long (A01)', async () => {
  const types = ['Observation', 'Condition', 'Procedure', 'Encounter', 'Immunization']
  const scopes = types.flatMap((type) => Array.from({ length: 100 }, (_, n) => `user/${type}.rs?category=c${n}`))
  const { client } = await server.client({ scope: 'user/*.rs' })
  const pkce = newPkce()
  const url = new URL(authorizeUrl(server, { client: client._id, scope: scopes.join(' ') }, pkce))
  expect(url.search.length).toBeGreaterThan(16_384)
  const visitor = new Browser(server.origin)
  const answer = await visitor.post(`${server.origin}/oauth/authorize`, [...url.searchParams])
  expect([answer.status, new URL(answer.url).pathname]).toEqual([200, expect.stringMatching(/^\/oauth\/interaction\//)])
})

test('the app is told the state as it sent it, and by whom it is answered (A02)', async () => {
  const state = 'a b&c="d"é'
  const { sent } = await ask({ state })
  expect([sent.get('state'), sent.get('iss'), sent.has('code')]).toEqual([state, server.origin, true])
})

test('nobody is sent anywhere for an app that is not known (A03)', async () => {
  expect((await page({}, 'nobody')).status).toBe(400)
})

test.each([
  ...['https://app.example/after-auth/', 'https://app.example/after-auth/x', 'https://app.example/After-auth'],
  ...[
    'https://app.example/after-auth/..;/x',
    'https://app.example/%2e%2e/after-auth',
    'https://app.example/after-auth#x',
  ],
  ...['https://user@app.example/after-auth', 'https://app.example:8443/after-auth', 'http://app.example/after-auth'],
  ...['https://app.example.evil.example/after-auth', 'https://app.example/after-auth?x=1', 'https://evil.example/'],
])('nobody is sent to %s, which is not registered (A04)', async (redirect_uri) => {
  expect((await page({ redirect_uri })).status).toBe(400)
})

test('a native app listens at any port of its own machine, others at the one they said (A05)', async () => {
  const redirectUris = ['http://127.0.0.1/cb', 'http://[::1]/cb']
  const native = (await server.client({ native: true, redirectUris })).client._id
  for (const redirect_uri of ['http://127.0.0.1:49152/cb', 'http://[::1]:50001/cb']) {
    expect((await ask({ redirect_uri }, native)).sent.has('code')).toBe(true)
  }
  expect((await page({ redirect_uri: 'http://127.0.0.1:49152/other' }, native)).status).toBe(400)
  expect((await page({ redirect_uri: 'http://10.0.0.1:49152/cb' }, native)).status).toBe(400)
  const web = (await server.client({ redirectUris })).client._id
  expect((await page({ redirect_uri: 'http://127.0.0.1:49152/cb' }, web)).status).toBe(400)
})

test.each(['token', 'id_token', 'code token', 'none'])(
  'the response type %s is refused (A06)',
  async (response_type) => {
    const answer = await new Browser(server.origin).open(
      authorizeUrl(server, { client: id, scope, parameters: { response_type, nonce: 'n' } }, newPkce()),
    )
    const location = answer.headers.get('location') ?? ''
    expect(location).not.toMatch(/access_token|id_token=|code=/)
    expect(location === '' ? (await answer.text()).length : location).toEqual(
      location === '' ? expect.any(Number) : expect.stringContaining('error=unsupported_response_type'),
    )
  },
)

test.each(['client_id', 'scope', 'redirect_uri', 'aud', 'state'])(
  '%s that comes twice is refused (A07)',
  async (name) => {
    const url = new URL(authorizeUrl(server, { client: id, scope }, newPkce()))
    url.searchParams.append(name, 'again')
    const answer = await new Browser(server.origin).open(url.href)
    const location = answer.headers.get('location')
    if (location === null) expect(answer.status).toBe(400)
    else expect(new URL(location).searchParams.get('error')).toBe('invalid_request')
  },
)

test.each(['user/Patient.rs\u0000', 'user/"Patient".rs', 'user\\Patient.rs'])(
  'the scope %j is refused (A08)',
  async (wrong) => {
    const answer = await new Browser(server.origin).open(authorizeUrl(server, { client: id, scope: wrong }, newPkce()))
    expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_scope')
  },
)

test('who asks that nobody be asked is told that somebody must be (A09)', async () => {
  const stranger = new Browser(server.origin)
  const none = await authorize(server, {
    client: id,
    account,
    scope,
    browser: stranger,
    parameters: { prompt: 'none' },
  })
  expect([none.sent.get('error'), none.sent.has('code')]).toEqual(['login_required', false])
  await ask({})
  expect((await ask({ prompt: 'none' })).sent.get('error')).toBe('consent_required')
})

test('without a state the app is told none (A10)', async () => {
  const { sent } = await ask({ state: undefined })
  expect([sent.has('code'), sent.has('state')]).toEqual([true, false])
})

test.each(['request', 'request_uri', 'registration'])('%s is not taken (A11)', async (name) => {
  const { sent } = await ask({ [name]: name === 'request_uri' ? 'https://app.example/r' : 'e30.e30.' })
  expect([sent.get('error'), sent.has('code')]).toEqual([`${name}_not_supported`, false])
})

test('without aud nothing is given (U01)', async () => {
  const { sent } = await ask({ aud: undefined })
  expect([sent.get('error'), sent.has('code')]).toEqual(['invalid_request', false])
})

test.each<[string, () => string]>([
  ['another server', () => 'https://evil.example/fhir/R4'],
  ['a server that begins alike', () => `${server.base}.evil.example`],
  ['what is under the base', () => `${server.base}/Patient`],
  ['a way round', () => `${server.base}/../R4`],
  ['the base with a user', () => server.base.replace('//', '//user@')],
  ['the base of a tenant that is not there', () => `${server.origin}/t/nobody/fhir/R4`],
  ['the base of a tenant that the app is not for', () => other],
  ['nothing', () => ''],
])('an app that names %s as aud is given nothing (U02, U03)', async (_, aud) => {
  const { sent } = await ask({ aud: aud() })
  expect([['invalid_target', 'invalid_request'].includes(String(sent.get('error'))), sent.has('code')]).toEqual([
    true,
    false,
  ])
})

test('the base is known with a slash at its end and without (U03)', async () => {
  expect((await ask({ aud: `${server.base}/` })).sent.has('code')).toBe(true)
})

test('resource may say the same as aud, and nothing else (U04)', async () => {
  expect((await ask({ resource: server.base })).sent.has('code')).toBe(true)
  const { sent } = await ask({ resource: other })
  expect([sent.get('error'), sent.has('code')]).toEqual(['invalid_target', false])
})

test('a token of one base is nothing at another (U05)', async () => {
  const { json } = await launched(server, { client: id, account, scope, browser })
  const headers = { authorization: `Bearer ${String(json['access_token'])}` }
  expect((await fetch(`${server.base}/Patient`, { headers })).status).toBe(200)
  expect((await fetch(`${other}/Patient`, { headers })).status).toBe(401)
})

test('an app that is not approved, or was suspended, is nobody (RG1)', async () => {
  for (const state of ['pending', 'suspended'] as const) {
    const { client } = await server.client({}, { state })
    expect((await page({}, client._id)).status).toBe(400)
    const form = { grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT, client_id: client._id }
    expect(await token(server, form)).toMatchObject({ status: 401, json: { error: 'invalid_client' } })
  }
})
