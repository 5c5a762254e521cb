/** The example app in a real Chromium, on an origin of its own as apps are, from launch to the day it is sent away. */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { mintLaunch } from '../../src/store/launches.ts'
import { startChromium } from '../support/chromium.ts'
import { PASSWORD, startSmartServer } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

const folder = join(import.meta.dirname, '../../examples/smart-app')
const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript' }
const SCOPE = 'launch launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs'

let server: SmartServer
let host: Server
let app: string
let clientId = ''
let browser: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  server = await startSmartServer()
  host = createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://app').pathname.slice(1) || 'index.html'
    if (!existsSync(join(folder, name))) {
      response.writeHead(404).end()
      return
    }
    const text = readFileSync(join(folder, name), 'utf8').replace('smart-app-example', clientId)
    response.setHeader('Content-Type', TYPES[name.split('.')[1] as keyof typeof TYPES]).end(text)
  })
  host.listen(0, '127.0.0.1')
  await once(host, 'listening')
  app = `http://127.0.0.1:${(host.address() as AddressInfo).port}/`
  clientId = (await server.client({ name: 'Example', redirectUris: [app], scope: SCOPE })).client._id
  const code = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Body weight' }
  for (const id of ['p1', 'p2']) {
    await server.put({ resourceType: 'Patient', id, name: [{ family: id === 'p1' ? 'Haddad' : 'Hariri' }] })
    const subject = { reference: `Patient/${id}` }
    await server.put({ resourceType: 'Observation', id: `w-${id}`, status: 'final', code, subject })
  }
  browser = await startChromium()
})

beforeEach(async () => {
  context = await browser.newContext()
  page = await context.newPage()
  page.setDefaultTimeout(20_000)
})

afterEach(() => context.close())

afterAll(async () => {
  await browser.close()
  host.close()
  await server.stop()
})

function press(name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).click()
}

async function connect(): Promise<void> {
  await page.goto(app)
  await page.fill('#iss', server.base)
  await press('Connect')
}

async function signIn(email: string): Promise<void> {
  await page.fill('[name=email]', email)
  await page.fill('[name=password]', PASSWORD)
  await press('Sign in')
}

/** What the app shows of the record and of what was granted. */
async function shown(): Promise<{ patient: string | null; observations: number; scopes: string[] }> {
  await page.waitForSelector('#record:not([hidden])')
  return {
    patient: await page.textContent('#patient'),
    observations: await page.locator('#observations tr').count(),
    scopes: await page.locator('#scopes li').allTextContents(),
  }
}

test('a patient opens it, takes observations away, and later sends it away: then it is refused', async () => {
  const { email } = await server.account({ roles: ['patient'], person: 'Patient/p1' })
  let token = ''
  page.on('response', (response) => {
    if (response.url().endsWith('/oauth/token')) void response.json().then((json) => (token = tokenIn(json)))
  })
  await connect()
  await signIn(email)
  await page.getByLabel('Measurements and results').uncheck()
  await press('Allow')
  const { patient, observations, scopes } = await shown()
  expect([patient, observations]).toEqual(['Haddad', 0])
  expect(scopes).toContain('patient/Patient.rs')
  expect(scopes).not.toContain('patient/Observation.rs')

  const headers = { Authorization: `Bearer ${token}` }
  const status = async (path: string): Promise<number> => (await server.get(path, { headers })).status
  expect([await status('Patient/p1'), await status('Patient/p2'), await status('Observation/w-p1')]).toEqual([
    200, 404, 403,
  ])

  await page.goto(`${server.origin}/oauth/apps`)
  await page.click('button[name=revoke]')
  await page.waitForLoadState()
  expect(await page.locator('button[name=revoke]').count()).toBe(0)
  // Within the five seconds that a token is remembered
  while ((await status('Patient/p1')) !== 401) await page.waitForTimeout(200)
})

test('a practitioner opens it, finds the patient, and sees all of that record and no other', async () => {
  const { email } = await server.account()
  await connect()
  await signIn(email)
  await page.fill('input[type=search]', 'hariri')
  await page.keyboard.press('Enter')
  await page.click('button:has-text("Hariri")')
  await press('Allow')
  expect(await shown()).toMatchObject({ patient: 'Hariri', observations: 1 })
})

test('a record system launches it with the patient that is open there', async () => {
  const { _id: account, email } = await server.account()
  const launch = { t: 'default', client: clientId, account, context: { patient: 'p2' }, by: 'test' }
  const handle = await mintLaunch(server.store, launch)
  await page.goto(`${app}?${new URLSearchParams({ iss: server.base, launch: handle }).toString()}`)
  await signIn(email)
  await press('Allow')
  expect(await shown()).toMatchObject({ patient: 'Hariri', observations: 1 })
})

test('whoever says no is brought back to the app, which says so', async () => {
  const { email } = await server.account({ roles: ['patient'], person: 'Patient/p1' })
  await connect()
  await signIn(email)
  await press('Do not allow')
  await page.waitForURL(`${app}**`)
  expect(await page.textContent('#message')).toContain('Not connected')
})

function tokenIn(json: unknown): string {
  return (json as { access_token: string }).access_token
}
