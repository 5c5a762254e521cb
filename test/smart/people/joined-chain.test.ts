/** An app asks, the clinic's own provider says who it is, and the app gets its answer (checklist FD1–FD4). */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { sessionSeconds } from '../../../src/smart/session/session-time.ts'
import type { AccountDocument } from '../../../src/store/accounts.ts'
import { bringToAccount } from '../../../src/store/accounts.ts'
import type { SmartServer } from '../../support/smart-server.ts'
import { authorizeUrl, Browser, newPkce, REDIRECT, startSmartServer, token } from '../../support/smart-server.ts'
import { openBrowser } from './browser.ts'
import type { ClinicIdp } from './clinic-idp.ts'
import { CLIENT, startClinicIdp } from './clinic-idp.ts'

let server: SmartServer
let idp: ClinicIdp
let app = ''
let doctor: AccountDocument

beforeAll(async () => {
  server = await startSmartServer({
    demo: false,
    async login(origin) {
      idp = await startClinicIdp(`${origin}/oauth/clinic/callback`)
      const { issuer } = idp
      return { issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, name: 'Hill Clinic', acr: [] }
    },
  })
  await server.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Haddad' }] })
  app = (await server.client()).client._id
  doctor = await linked(await server.account(), 'd-1')
})

afterAll(async () => {
  await server.stop()
  await idp.close()
})

beforeEach(() => {
  idp.user = { subject: 'd-1' }
  idp.isDown = false
})

async function linked(account: AccountDocument, subject: string): Promise<AccountDocument> {
  await bringToAccount(server.store, account._id, { identity: { issuer: idp.issuer, subject } })
  return account
}

const SCOPE = 'openid fhirUser online_access user/Patient.rs'

/** The sign-in page of an app's request, and where its link leads at the provider. */
async function asked(browser: Browser, pkce = newPkce(), parameters: Readonly<Record<string, string>> = {}) {
  const page = await browser.open(authorizeUrl(server, { client: app, scope: SCOPE, parameters }, pkce))
  const html = await page.text()
  const link = /href="(\/oauth\/clinic\/login[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''
  return { page, html, link: server.origin + link, pkce }
}

/** The way to the provider and back, with the cookies it gives. */
async function throughProvider(browser: Browser, link: string, there = openBrowser()): Promise<Response> {
  const away = await browser.open(link)
  const { url } = await there.follow(away.headers.get('location') ?? '', (next) => next.includes('/clinic/callback?'))
  return browser.open(url)
}

test('sign-in page, provider, consent, app, token, record: one chain', async () => {
  const browser = new Browser(server.origin)
  const { html, link, pkce } = await asked(browser)
  expect(html).toContain('Sign in with Hill Clinic')
  const consent = await throughProvider(browser, link)
  expect([consent.status, consent.url.includes('/oauth/interaction/')]).toEqual([200, true])
  const answer = await browser.submit(consent)
  const sent = new URL(answer.headers.get('location') ?? '')
  expect([sent.origin + sent.pathname, sent.searchParams.get('state')]).toEqual([REDIRECT, 'af0ifjsldkj'])
  const { json } = await token(server, {
    ...{ grant_type: 'authorization_code', code: sent.searchParams.get('code') ?? '', redirect_uri: REDIRECT },
    ...{ client_id: app, code_verifier: pkce.verifier },
  })
  const headers = { Authorization: `Bearer ${String(json['access_token'])}` }
  expect((await server.get('Patient/p1', { headers })).status).toBe(200)
  const session = await server.store.authorization.findOne({ _id: /^Session\//, 'payload.accountId': doctor._id })
  const left = (session!.expires!.getTime() - Date.now()) / 1000
  expect(left).toBeGreaterThan(3500)
  expect(left).toBeLessThanOrEqual(3600)
})

test('a session of the clinic ends an hour after it began, whatever is done in it; others go on while they are used', () => {
  const now = Date.now()
  const loginTs = Math.floor(now / 1000)
  expect(sessionSeconds({ amr: ['fed'], loginTs }, now)).toBe(3600)
  expect(sessionSeconds({ amr: ['fed', 'mfa'], loginTs }, now + 3_000_000)).toBe(600)
  expect(sessionSeconds({ amr: ['fed'], loginTs }, now + 9_000_000)).toBe(1)
  expect(sessionSeconds({ amr: ['pwd'], loginTs }, now + 9_000_000)).toBe(8 * 3600)
})

test('who is not linked is refused, and the app can still be answered by somebody who is', async () => {
  const browser = new Browser(server.origin)
  const { page, link } = await asked(browser)
  idp.user = { subject: 'stranger' }
  const refused = await throughProvider(browser, link)
  expect([refused.status, refused.headers.get('content-security-policy') !== null]).toEqual([403, true])
  expect((await browser.open(page.url)).status).toBe(200)
  idp.user = { subject: 'd-1' }
  expect((await throughProvider(browser, link)).status).toBe(200)
})

test('nobody is brought to sign in for a dialog that another browser began', async () => {
  const attacker = new Browser(server.origin)
  const { page, link } = await asked(attacker)
  const victim = new Browser(server.origin)
  expect((await throughProvider(victim, link)).status).toBe(400)
  expect(await (await attacker.open(page.url)).text()).toContain('type="password"')
})

test('who manages accounts sets up a second factor here after the provider, which is not held to one', async () => {
  await linked(await server.account({ roles: ['admin'] }), 'a-1')
  idp.user = { subject: 'a-1' }
  const browser = new Browser(server.origin)
  const { link } = await asked(browser)
  const page = await throughProvider(browser, link)
  expect(await page.text()).toContain('data:image/svg+xml;base64,')
  expect(await server.store.authorization.countDocuments({ _id: /^Session\//, 'payload.amr': 'mfa' })).toBe(0)
})

test('while the provider is down, sessions that run go on, and a new sign-in says so in one sentence', async () => {
  const browser = new Browser(server.origin)
  const { link } = await asked(browser)
  await throughProvider(browser, link)
  idp.isDown = true
  const again = await asked(browser)
  expect(again.html).not.toContain('type="password"')
  const other = new Browser(server.origin)
  const page = await other.open((await asked(other)).link)
  expect([page.status, (await page.text()).includes('cannot be reached at the moment')]).toEqual([503, true])
})

test('an app that wants somebody to sign in again has the provider ask again', async () => {
  const browser = new Browser(server.origin)
  await throughProvider(browser, (await asked(browser)).link)
  const { link } = await asked(browser, newPkce(), { prompt: 'login' })
  await throughProvider(browser, link)
  expect(idp.asked.at(-1)?.get('prompt')).toBe('login')
})
