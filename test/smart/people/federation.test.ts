/** Signing in with the clinic's own OpenID provider (checklist FD1–FD4). */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import express from 'express'
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import type { JWK, JWTPayload } from 'jose'
import { createLogger } from '../../../src/kernel/logger.ts'
import { browserSession } from '../../../src/smart/people/browser-session.ts'
import { clinicProvider } from '../../../src/smart/people/clinic-provider.ts'
import { arrivedFor, clinicLoginPath, federationRouter } from '../../../src/smart/people/federation.ts'
import { bringToAccount, setDisabled } from '../../../src/store/accounts.ts'
import { openBrowser } from './browser.ts'
import type { Browser, Page } from './browser.ts'
import { CLIENT, startClinicIdp } from './clinic-idp.ts'
import type { ClinicIdp } from './clinic-idp.ts'
import type { Clinic } from './people.ts'
import { openClinic } from './people.ts'

let clinic: Clinic
let idp: ClinicIdp
let server: Server
let origin = ''
let acr: string[] = []
let browser: Browser
let again = false

beforeAll(async () => {
  clinic = await openClinic()
  server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  idp = await startClinicIdp(`${origin}/oauth/clinic/callback`)
  const account = await clinic.add('miriam@clinic.example', { person: 'Practitioner/hms-1' })
  await bringToAccount(clinic.store, account._id, { identity: { issuer: idp.issuer, subject: 'm-1' } })
  server.on('request', appOf())
})

afterAll(async () => {
  await idp.close()
  server.closeAllConnections()
  server.close()
  await clinic.close()
})

beforeEach(() => {
  browser = openBrowser()
  idp.user = { subject: 'm-1' }
})

afterEach(() => {
  idp.isDown = false
  idp.forge = undefined
  acr = []
  again = false
})

/** The routes, and in place of a dialog's page one that says who came back for it. */
function appOf(): express.Express {
  const app = express()
  app.set('query parser', false)
  app.use(browserSession(clinic.store, Buffer.alloc(32, 7), false))
  app.use((request, response, next) => {
    const login = { issuer: idp.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, name: 'the clinic', acr }
    const provider = clinicProvider(login, `${origin}/oauth/clinic/callback`)
    const options = { store: clinic.store, provider, log: createLogger('silent') }
    const dialogOf = (uid: string): Promise<{ tenant: string; again: boolean } | undefined> =>
      Promise.resolve(uid.startsWith('d') ? { tenant: uid === 'd-other' ? 'other' : 'default', again } : undefined)
    federationRouter({ ...options, dialogOf })(request, response, next)
  })
  app.get('/oauth/interaction/:uid', async (request, response) => {
    const result = await arrivedFor(clinic.people, request, request.params.uid, { address: '192.0.2.1' })
    response.json(result ?? 'nobody')
  })
  return app
}

function login(uid = 'd1', by = browser): Promise<Page> {
  return by.follow(origin + clinicLoginPath(uid))
}

/** Up to where the provider sends the browser back. */
async function callbackOf(by = browser): Promise<URL> {
  const { url } = await by.follow(origin + clinicLoginPath('d1'), (next) => next.includes('/callback?'))
  return new URL(url)
}

test('who is linked comes back to the dialog they set out from, once', async () => {
  const page = await login()
  expect(page.url).toBe(`${origin}/oauth/interaction/d1`)
  expect(JSON.parse(page.text)).toMatchObject({
    kind: 'in',
    account: { email: 'miriam@clinic.example' },
    methods: ['fed'],
  })
  expect((await browser.get(`${origin}/oauth/interaction/d1`)).text).toBe('"nobody"')
})

test('the request carries PKCE, state and nonce, and asks to sign in anew where the app wants that', async () => {
  await login()
  const asked = idp.asked.at(-1)
  for (const name of ['code_challenge', 'state', 'nonce']) expect(asked?.get(name)?.length).toBeGreaterThan(20)
  expect([asked?.get('code_challenge_method'), asked?.get('scope'), asked?.get('prompt')]).toEqual([
    'S256',
    'openid',
    null,
  ])
  again = true
  await login()
  expect(idp.asked.at(-1)?.get('prompt')).toBe('login')
})

test('who is not linked is refused, also with the e-mail address of an account, in another tenant, or disabled (FD1, FD2)', async () => {
  const account = (await clinic.store.accounts.findOne({ emailKey: 'miriam@clinic.example' }))!
  idp.user = { subject: 'stranger' }
  const page = await login()
  expect([page.status, page.headers.get('cache-control')]).toEqual([403, 'no-store'])
  expect(page.text).toContain('is not linked with one here')
  expect(page.text).not.toContain('stranger')
  idp.user = { subject: 'm-1' }
  expect((await login('d-other', openBrowser())).status).toBe(403)
  await setDisabled(clinic.store, account._id, true)
  expect((await login('d1', openBrowser())).status).toBe(403)
  await setDisabled(clinic.store, account._id, false)
})

test.each([
  ['state', (url: URL) => url.searchParams.set('state', 'forged')],
  ['no state', (url: URL) => url.searchParams.delete('state')],
  ['issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
  ['code', (url: URL) => url.searchParams.set('code', 'forged')],
  ['an error with a state of others', (url: URL) => (url.search = '?error=server_error&state=x')],
  ['nothing', (url: URL) => (url.search = '')],
])('a callback with a forged part (%s) lets nobody in, nor does the true one after it', async (_, forge) => {
  const url = await callbackOf()
  const forged = new URL(url)
  forge(forged)
  const page = await browser.get(forged.href)
  expect([page.status, page.headers.get('location')]).toEqual([400, null])
  expect(page.text).toContain('Begin again')
  expect((await browser.get(url.href)).status).toBe(400)
  expect((await browser.get(`${origin}/oauth/interaction/d1`)).text).toBe('"nobody"')
})

test('a callback counts once, and in the browser that set out only', async () => {
  const url = await callbackOf()
  expect((await openBrowser().get(url.href)).status).toBe(400)
  expect((await browser.get(url.href)).status).toBe(303)
  expect((await browser.get(url.href)).status).toBe(400)
})

test('who comes back counts for the dialog they set out from, not for another', async () => {
  const url = await callbackOf()
  await browser.get(url.href)
  expect((await browser.get(`${origin}/oauth/interaction/d2`)).text).toBe('"nobody"')
  expect((await openBrowser().get(`${origin}/oauth/interaction/d1`)).text).toBe('"nobody"')
  expect((await browser.get(`${origin}/oauth/interaction/d1`)).text).toContain('"kind":"in"')
})

test('a session is named anew when somebody has come back', async () => {
  await browser.get(origin + clinicLoginPath('d1'))
  const before = browser.cookies(`${origin}/oauth`)
  const url = await callbackOf()
  await browser.get(url.href)
  expect(browser.cookies(`${origin}/oauth`)).not.toBe(before)
})

test('a dialog that is not open begins no sign-in', async () => {
  expect((await browser.get(origin + clinicLoginPath('x'))).status).toBe(400)
  expect((await browser.get(`${origin}/oauth/clinic/login`)).status).toBe(400)
})

test('what the clinic demands of sign-in is asked for and checked (FD3)', async () => {
  acr = ['urn:clinic:mfa']
  idp.user = { subject: 'm-1', acr: 'urn:clinic:pwd' }
  const weak = await login()
  expect([weak.status, idp.asked.at(-1)?.get('acr_values')]).toEqual([403, 'urn:clinic:mfa'])
  expect(weak.text).toContain('a second step of sign-in')
  idp.user = { subject: 'm-1', acr: 'urn:clinic:mfa' }
  expect(JSON.parse((await login('d1', openBrowser())).text)).toMatchObject({ kind: 'in', methods: ['fed', 'mfa'] })
})

/** Others than the provider's own signature below what it said. */
const forgeries: Readonly<Record<string, (claims: JWTPayload, header: Header) => Promise<string>>> = {
  'no signature': (claims) => Promise.resolve(new UnsecuredJWT(claims).encode()),
  'the public key as a secret': async (claims, { kid }) => {
    const { keys } = (await (await fetch(`${idp.issuer}/jwks`)).json()) as { keys: JWK[] }
    const secret = Buffer.from(JSON.stringify(keys[0]))
    return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(secret)
  },
  'an unknown key': async (claims) => signedByOther(claims, { alg: 'RS256', kid: 'other' }),
  'another key of the same name': async (claims, { kid }) => signedByOther(claims, { alg: 'RS256', kid }),
}
type Header = Readonly<{ alg: string; kid: string }>

async function signedByOther(claims: JWTPayload, header: Header): Promise<string> {
  return new SignJWT(claims).setProtectedHeader(header).sign((await generateKeyPair('RS256')).privateKey)
}

test.each(Object.keys(forgeries))('an id_token with %s lets nobody in (ID5)', async (kind) => {
  idp.forge = async (idToken) => forgeries[kind]!(decodeJwt(idToken), decodeProtectedHeader(idToken) as Header)
  expect((await login()).status).toBe(400)
  expect((await browser.get(`${origin}/oauth/interaction/d1`)).text).toBe('"nobody"')
})

test('who manages accounts needs a second factor here unless the provider is held to one (FD3)', async () => {
  const boss = await clinic.add('boss@clinic.example', { roles: ['admin'] })
  await bringToAccount(clinic.store, boss._id, { identity: { issuer: idp.issuer, subject: 'b-1' } })
  idp.user = { subject: 'b-1', acr: 'urn:clinic:mfa' }
  expect(JSON.parse((await login()).text)).toEqual({ kind: 'enrol', account: boss._id, first: 'fed' })
  acr = ['urn:clinic:mfa']
  expect(JSON.parse((await login('d1', openBrowser())).text)).toMatchObject({ kind: 'in' })
})

test('a provider that is down is said in one sentence, on the way there and on the way back', async () => {
  const url = await callbackOf()
  idp.isDown = true
  const there = await openBrowser().get(origin + clinicLoginPath('d1'))
  expect([there.status, /cannot be reached at the moment/.test(there.text)]).toEqual([503, true])
  const back = await browser.get(url.href)
  expect([back.status, /cannot be reached at the moment/.test(back.text)]).toEqual([503, true])
  idp.isDown = false
  expect((await login('d1', openBrowser())).text).toContain('"kind":"in"')
})
