/** What has access to my data: seen and taken back by whoever it is about. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { Browser, launched, PASSWORD, startSmartServer, token } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

let server: SmartServer
let app: string
let patient: AccountDocument

beforeAll(async () => {
  server = await startSmartServer()
  await server.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Haddad', given: ['Amal'] }] })
  app = (await server.client({ name: 'Growth Chart' })).client._id
  patient = await server.account({ roles: ['patient'], person: 'Patient/p1', name: 'Amal Haddad' })
})

afterAll(() => server.stop())

async function signedIn(account = patient): Promise<{ browser: Browser; page: Response }> {
  const browser = new Browser(server.origin)
  const login = await browser.open(`${server.origin}/oauth/apps`)
  return { browser, page: await browser.submit(login, { email: account.email, password: PASSWORD }) }
}

const launch = () =>
  launched(server, { client: app, account: patient, scope: 'launch/patient offline_access patient/Patient.rs' })

const csrfOf = (html: string): string => /name="csrf" value="([^"]*)"/.exec(html)?.[1] ?? ''

test('People see which apps have access, to what and whose record, and take it back at once (RV5).', async () => {
  const { json } = await launch()
  const headers = { Authorization: `Bearer ${String(json['access_token'])}` }
  expect((await server.get('Patient/p1', { headers })).status).toBe(200)
  const { browser, page } = await signedIn()
  const html = await page.clone().text()
  expect(html).toContain('Growth Chart')
  expect(html).toContain('Amal Haddad')
  expect(html).toContain('Personal details')
  const after = await (await browser.submit(page)).text()
  expect(after).toContain('Growth Chart has no access any more.')
  expect(after).toContain('No app has access')
  const form = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']), client_id: app }
  expect(await token(server, form)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
  await sleep(5_100)
  expect((await server.get('Patient/p1', { headers })).status).toBe(401)
})

test('Signing in, letting an app see something and taking that back are on record, and a wrong password.', async () => {
  await server.store.audit.deleteMany({})
  await launch()
  const { browser, page } = await signedIn()
  await browser.submit(page)
  const stranger = new Browser(server.origin)
  const login = await stranger.open(`${server.origin}/oauth/apps`)
  await stranger.submit(login, { email: patient.email, password: 'no such word here' })
  const events = await server.store.audit
    .find({ kind: { $exists: true } })
    .sort({ _id: 1 })
    .toArray()
  const own = { account: patient._id, person: 'Patient/p1' }
  expect(events.filter(({ kind }) => !/^(\$|read|search)/.test(kind))).toMatchObject([
    { kind: 'login', status: 200, who: { ...own, address: '127.0.0.1' } },
    { kind: 'consent', who: { account: patient._id, client: app } },
    { kind: 'token', status: 200, who: { ...own, client: app } },
    { kind: 'login', status: 200, who: own },
    { kind: 'revocation', who: { ...own, client: app } },
    { kind: 'login', status: 401, who: { name: 'unknown', address: '127.0.0.1' } },
  ])
  expect(JSON.stringify(events)).not.toContain('no such word')
})

test('Nobody takes back what others granted, and no form of another site does.', async () => {
  await launch()
  const [grant] = await server.store.grants.find({ account: patient._id }).toArray()
  const other = await signedIn(await server.account())
  const html = await other.page.text()
  expect(html).not.toContain('Growth Chart')
  const address = `${server.origin}/oauth/apps`
  await other.browser.post(address, [
    ['csrf', csrfOf(html)],
    ['revoke', grant!._id],
  ])
  const own = await signedIn()
  for (const csrf of ['', csrfOf(html)]) {
    expect(
      (
        await own.browser.post(address, [
          ['csrf', csrf],
          ['revoke', grant!._id],
        ])
      ).status,
    ).toBe(403)
  }
  expect(await server.store.grants.countDocuments({ _id: grant!._id })).toBe(1)
})

test('Who is signed in for an app is signed in here too; signing out ends both.', async () => {
  const browser = new Browser(server.origin)
  const { json } = await launched(server, {
    ...{ client: app, account: patient, browser, scope: 'launch/patient online_access patient/Patient.rs' },
  })
  const html = await (await browser.open(`${server.origin}/oauth/apps`)).text()
  expect(html).toContain('Growth Chart')
  const out = await browser.post(`${server.origin}/oauth/apps`, [['csrf', csrfOf(html)]])
  expect(await out.text()).toContain('You are signed out.')
  expect(await (await browser.open(`${server.origin}/oauth/apps`)).text()).toContain('type="password"')
  const form = { grant_type: 'refresh_token', refresh_token: String(json['refresh_token']), client_id: app }
  expect(await token(server, form)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
})

test('An account that is disabled sees nothing any more.', async () => {
  const account = await server.account()
  const { browser, page } = await signedIn(account)
  expect(page.status).toBe(200)
  await server.store.accounts.updateOne({ _id: account._id }, { $set: { disabled: true } })
  expect(await (await browser.open(`${server.origin}/oauth/apps`)).text()).toContain('type="password"')
})
