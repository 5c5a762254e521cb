/** The second step of signing in, on the way through an app's request. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Secret, TOTP } from 'otpauth'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { sealedSecret } from '../../src/store/second-factors.ts'
import { authorizeUrl, Browser, newPkce, PASSWORD, startSmartServer } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'

let server: SmartServer
let app: string
let account: AccountDocument

beforeAll(async () => {
  server = await startSmartServer()
  app = (await server.client()).client._id
  account = await server.account()
  const totp = { sealed: sealedSecret(server.store, account, secret), confirmed: true, last: 0 }
  await server.store.accounts.updateOne({ _id: account._id }, { $set: { totp } })
})

afterAll(() => server.stop())

async function afterPassword(): Promise<{ browser: Browser; page: Response }> {
  const browser = new Browser(server.origin)
  const page = await browser.open(authorizeUrl(server, { client: app, scope: 'user/Patient.rs' }, newPkce()))
  return { browser, page: await browser.submit(page, { email: account.email, password: PASSWORD }) }
}

test('After the password a code is asked for; a wrong one is told, the right one leads on, and it counts once.', async () => {
  const { browser, page } = await afterPassword()
  expect(await page.clone().text()).toContain('autocomplete="one-time-code"')
  const wrong = await browser.submit(page, { code: '000000' })
  expect([wrong.status, await wrong.clone().text()]).toEqual([401, expect.stringContaining('This code is not right')])
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
  const consent = await browser.submit(wrong, { code })
  expect(await consent.text()).toContain('Give Growth Chart access?')
  const again = await afterPassword()
  expect((await again.browser.submit(again.page, { code })).status).toBe(401)
})

test('Whoever has shown the password only is nobody yet.', async () => {
  const { browser, page } = await afterPassword()
  const resumed = await browser.open(page.url.replace('/interaction/', '/authorize/'))
  expect(await resumed.text()).toContain('type="password"')
  expect(await (await browser.open(`${server.origin}/oauth/apps`)).text()).toContain('type="password"')
  const csrf = /name="csrf" value="([^"]*)"/.exec(await page.text())?.[1] ?? ''
  for (const step of ['consent', 'patient', 'encounter']) {
    await browser.post(`${page.url}/${step}`, [
      ['csrf', csrf],
      ['patient', 'p1'],
      ['do', 'allow'],
    ])
  }
  expect(await server.store.grants.countDocuments({ account: account._id })).toBe(0)
})

async function atSecondStep(who: AccountDocument): Promise<{ browser: Browser; page: Response }> {
  const browser = new Browser(server.origin)
  const login = await browser.open(`${server.origin}/oauth/apps/second-step`)
  return { browser, page: await browser.submit(login, { email: who.email, password: PASSWORD }) }
}

test('Whoever wants a second step sets one up on the pages of their account, and is asked for it from then on.', async () => {
  const who = await server.account()
  const { browser, page } = await atSecondStep(who)
  const wrong = await browser.submit(page, { code: '000000' })
  expect([wrong.status, await wrong.clone().text()]).toEqual([401, expect.stringContaining('This code is not right')])
  const shown = /<code dir="ltr">([A-Z2-7 ]+)</.exec(await wrong.clone().text())?.[1]?.replaceAll(' ', '') ?? ''
  const done = await browser.submit(wrong, { code: new TOTP({ secret: Secret.fromBase32(shown) }).generate() })
  expect(await done.text()).toContain('Keep these codes')
  expect(await (await browser.open(`${server.origin}/oauth/apps/second-step`)).text()).toContain('It is set up')
  expect(await (await atSecondStep(who)).page.text()).toContain('autocomplete="one-time-code"')
})

test('A second step is set up by a form of that page only, and soon after signing in.', async () => {
  const who = await server.account()
  const { browser, page } = await atSecondStep(who)
  expect((await browser.post(page.url, [['code', '000000']])).status).toBe(403)
  const session = { _id: /^Session\//, 'payload.accountId': who._id }
  await server.store.authorization.updateMany(session, { $inc: { 'payload.loginTs': -15 * 60 } })
  expect(await (await browser.submit(page, { code: '000000' })).text()).toContain('type="password"')
})
