/** The dialogs as people have them: in Chromium, against the real server, from an app and back to it. */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import type { AccountDocument } from '../../../src/store/accounts.ts'
import { startChromium } from '../../support/chromium.ts'
import { newPkce, PASSWORD, startSmartServer, token } from '../../support/smart-server.ts'
import type { Pkce, SmartServer } from '../../support/smart-server.ts'
import { poorContrasts, seen } from './in-page.ts'
import type { Seen } from './in-page.ts'

let server: SmartServer
let chromium: Browser
let app: Server
let redirect: string
let client: string
let doctor: AccountDocument
let context: BrowserContext
let complaints: string[]

beforeAll(async () => {
  server = await startSmartServer()
  chromium = await startChromium()
  // An app that, like many, sends people on to another origin of its own
  app = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/back') response.writeHead(302, { Location: `http://localhost:${port()}/home${search}` }).end()
    else response.writeHead(200, { 'Content-Type': 'text/html' }).end('<title>App</title><h1>The app</h1>')
  })
  await new Promise<void>((resolve) => app.listen(0, resolve))
  redirect = `http://127.0.0.1:${port()}/back`
  client = (await server.client({ name: 'Growth Chart', redirectUris: [redirect] })).client._id
  doctor = await server.account({ name: 'Dr. Farah Nasser' })
  await server.put({
    resourceType: 'Patient',
    id: 'p1',
    name: [{ family: 'Haddad', given: ['Amal'] }],
    birthDate: '1980-05-03',
  })
  await server.put({ resourceType: 'Patient', id: 'p2', name: [{ family: 'Hariri', given: ['Hadi'] }] })
}, 180_000)

afterAll(async () => {
  await chromium.close()
  app.close()
  await server.stop()
})

beforeEach(() => {
  complaints = []
})

afterEach(() => context.close())

const port = (): number => (app.address() as AddressInfo).port

async function opened(scope: string, options: BrowserContextOptions = {}): Promise<{ page: Page; pkce: Pkce }> {
  context = await chromium.newContext(options)
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  const pkce = newPkce()
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: client, redirect_uri: redirect, scope, state: 'x', aud: server.base },
    ...{ code_challenge: pkce.challenge, code_challenge_method: 'S256' },
  })
  await page.goto(`${server.origin}/oauth/authorize?${query.toString()}`)
  return { page, pkce }
}

async function signIn(page: Page, account = doctor): Promise<void> {
  await page.getByLabel('Email address').fill(account.email)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function tokenFrom(page: Page, { verifier }: Pkce) {
  await page.waitForURL(/\/home/)
  const code = new URL(page.url()).searchParams.get('code') ?? ''
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirect, client_id: client }
  return (await token(server, { ...form, code_verifier: verifier })).json
}

test('Somebody signs in, finds a patient, takes things away, agrees, and the app gets just that.', async () => {
  const { page, pkce } = await opened('launch/patient patient/Patient.rs patient/Observation.rs patient/Condition.rs')
  await signIn(page)
  await page.getByLabel('Find a patient').fill('amal')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByRole('button', { name: /Amal Haddad.*3 May 1980/ }).click()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Give Growth Chart access?')
  await page.getByLabel('Conditions and diagnoses').first().uncheck()
  const kinds = page.getByRole('group', { name: 'Which of: Measurements and results' })
  await kinds.getByLabel('Only those I choose').check()
  await kinds.getByLabel('Laboratory results').check()
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  expect(await tokenFrom(page, pkce)).toMatchObject({
    patient: 'p1',
    scope:
      'launch/patient patient/Patient.rs patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
  })
  expect(complaints).toEqual([])
})

test('A wrong password is told at the fields, and the address that was typed is still there.', async () => {
  const { page } = await opened('user/Patient.rs')
  await page.getByLabel('Email address').fill(doctor.email)
  await page.getByLabel('Password').fill('wrong password here')
  await page.getByRole('button', { name: 'Sign in' }).click()
  expect(await page.getByRole('alert').textContent()).toContain('do not belong together')
  expect(await page.title()).toMatch(/^Error: /)
  expect(await page.getByLabel('Email address').inputValue()).toBe(doctor.email)
  expect(await page.getByLabel('Password').inputValue()).toBe('')
  expect(await page.getByLabel('Password').getAttribute('aria-describedby')).toBe('notice')
  expect(await page.evaluate('document.activeElement.id')).toBe('password')
})

test('Without a mouse and without scripts it goes from the first page to the app.', async () => {
  const { page, pkce } = await opened('user/Patient.rs', { javaScriptEnabled: false })
  await page.locator('#email:focus').waitFor()
  await page.keyboard.type(doctor.email)
  await page.keyboard.press('Tab')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /Give Growth Chart access/ }).waitFor()
  await page.getByRole('button', { name: 'Allow', exact: true }).press('Enter')
  expect(await tokenFrom(page, pkce)).toMatchObject({ scope: 'user/Patient.rs' })
})

test('Who does not agree is back in the app, which is told so.', async () => {
  const { page } = await opened('user/Patient.rs')
  await signIn(page)
  await page.getByRole('button', { name: 'Do not allow' }).click()
  await page.waitForURL(/\/home\?.*error=access_denied/)
  expect(complaints).toEqual([])
})

test('On a phone and in Arabic everything runs from the right and fits.', async () => {
  const { page, pkce } = await opened('launch/patient patient/*.rs offline_access', {
    ...{ viewport: { width: 360, height: 740 }, locale: 'ar-EG', hasTouch: true, isMobile: true },
  })
  const fits = async (): Promise<void> => {
    expect(await page.evaluate<Seen>(seen)).toMatchObject({
      scrolls: false,
      direction: 'rtl',
      headings: 1,
      unlabelled: [],
    })
    expect(await page.evaluate(poorContrasts)).toEqual([])
  }
  await fits()
  await page.getByLabel('البريد الإلكتروني').fill(doctor.email)
  await page.getByLabel('كلمة المرور').fill(PASSWORD)
  await page.getByRole('button', { name: 'تسجيل الدخول' }).tap()
  await page.getByLabel('البحث عن مريض').fill('hadi')
  await page.getByRole('button', { name: 'بحث' }).tap()
  await page.getByRole('heading', { name: 'المرضى الذين عُثر عليهم' }).waitFor()
  await fits()
  await page.getByRole('button', { name: 'Hadi Hariri' }).tap()
  await page.getByRole('button', { name: 'السماح', exact: true }).waitFor()
  await fits()
  await page.getByLabel('ما أختاره فقط').check()
  await page.getByLabel('الحساسية').check()
  await fits()
  await page.getByRole('button', { name: 'السماح', exact: true }).tap()
  expect(await tokenFrom(page, pkce)).toMatchObject({
    scope: 'launch/patient patient/AllergyIntolerance.rs offline_access',
  })
  expect(complaints).toEqual([])
})

test('The language is switched on the page and stays.', async () => {
  const { page } = await opened('user/Patient.rs')
  await page.getByRole('link', { name: 'العربية' }).click()
  await page.getByRole('heading', { name: 'تسجيل الدخول' }).waitFor()
  await page.reload()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('تسجيل الدخول')
})

test('A person takes access back on the page that lists it, and sees that it is gone.', async () => {
  const account = await server.account({ name: 'Amal Haddad', roles: ['patient'], person: 'Patient/p1' })
  const { page, pkce } = await opened('patient/Patient.rs offline_access')
  await signIn(page, account)
  await page.getByRole('button', { name: 'Allow', exact: true }).click()
  const { refresh_token: refresh } = await tokenFrom(page, pkce)
  await page.goto(`${server.origin}/oauth/apps`)
  await page.getByRole('button', { name: 'Take access back from Growth Chart' }).click()
  expect(await page.getByRole('status').textContent()).toContain('Growth Chart has no access any more.')
  const form = { grant_type: 'refresh_token', refresh_token: String(refresh), client_id: client }
  expect(await token(server, form)).toMatchObject({ status: 400 })
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out.').waitFor()
  expect(complaints).toEqual([])
})

test('What cannot be answered is said on a page, and the browser is sent nowhere.', async () => {
  context = await chromium.newContext()
  const page = await context.newPage()
  const answer = await page.goto(`${server.origin}/oauth/authorize?client_id=nobody&response_type=code`)
  expect([answer?.status(), answer?.headers()['content-security-policy']]).toEqual([
    400,
    expect.stringContaining("default-src 'none'"),
  ])
  await page.getByRole('alert').waitFor()
  expect(await page.content()).toContain('invalid_client')
})
