/** Invitations: from the link to an account bound to somebody's record. */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import express from 'express'
import { limitsFrom } from '../../../src/kernel/limits.ts'
import { createLogger } from '../../../src/kernel/logger.ts'
import { browserSession } from '../../../src/smart/people/browser-session.ts'
import { clinicProvider } from '../../../src/smart/people/clinic-provider.ts'
import { federationRouter } from '../../../src/smart/people/federation.ts'
import { invitationRouter } from '../../../src/smart/people/invitation-pages.ts'
import { acceptWithPassword, invite } from '../../../src/smart/people/invitation.ts'
import { signIn } from '../../../src/smart/people/sign-in.ts'
import { findAccountByEmail, findAccountByIdentity } from '../../../src/store/accounts.ts'
import { rolesOf } from '../../../src/store/roles.ts'
import { openBrowser } from './browser.ts'
import type { Browser, Page } from './browser.ts'
import { CLIENT, startClinicIdp } from './clinic-idp.ts'
import type { ClinicIdp } from './clinic-idp.ts'
import type { Clinic } from './people.ts'
import { openClinic, PASSWORD } from './people.ts'

let clinic: Clinic
let idp: ClinicIdp
let server: Server
let origin = ''
let browser: Browser
const KEY = Buffer.alloc(32, 7)

beforeAll(async () => {
  clinic = await openClinic()
  server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const callback = `${origin}/oauth/clinic/callback`
  idp = await startClinicIdp(callback)
  const app = express()
  app.set('query parser', false)
  app.use(browserSession(clinic.store, KEY, false))
  const login = { issuer: idp.issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, name: 'Hill Clinic', acr: [] }
  const { store } = clinic
  const limits = limitsFrom(({ default: value }) => value)
  const provider = clinicProvider(login, callback)
  const dialogOf = (): Promise<undefined> => Promise.resolve(undefined)
  app.use(federationRouter({ store, provider, log: createLogger('silent'), dialogOf }))
  app.use(invitationRouter({ store, limits, key: KEY, isSecure: false, provider: login.name }))
  server.on('request', app)
})

afterAll(async () => {
  await idp.close()
  server.closeAllConnections()
  server.close()
  await clinic.close()
})

beforeEach(() => {
  browser = openBrowser()
})

const WISH = { tenant: 'default', roles: ['patient'], person: 'Patient/hms-1' }

function invited(email: string, more: object = {}): Promise<string> {
  return invite(clinic.store, { ...WISH, email, ...more }).then((path) => origin + path)
}

function csrfOf({ text }: Page): string {
  return /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
}

test('a link becomes an account with a password of their own, bound to their record, once', async () => {
  const link = await invited('amy@home.example', { name: 'Amy' })
  const page = await browser.get(link)
  expect(page.status).toBe(200)
  expect(page.text).toContain('amy@home.example')
  expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  const refused = await browser.post(link, { csrf: csrfOf(page), password: 'short' })
  expect([refused.status, refused.text.includes('aria-invalid')]).toEqual([422, true])
  const done = await browser.post(link, { csrf: csrfOf(refused), password: PASSWORD })
  expect([done.status, done.text.includes('You can sign in now')]).toEqual([200, true])
  const attempt = { tenant: 'default', email: 'amy@home.example', password: PASSWORD, address: '192.0.2.1' }
  const result = await signIn(clinic.people, attempt)
  expect(result).toMatchObject({ kind: 'in', account: { name: 'Amy', person: 'Patient/hms-1' } })
  expect((await browser.get(link)).status).toBe(410)
  expect((await browser.post(link, { csrf: csrfOf(page), password: 'another password' })).status).toBe(410)
})

test('a form that did not come from our page in this browser changes nothing', async () => {
  const link = await invited('ben@home.example')
  const page = await browser.get(link)
  for (const other of [openBrowser(), browser]) {
    const csrf = other === browser ? 'x' : csrfOf(page)
    expect((await other.post(link, { csrf, password: PASSWORD })).status).toBe(303)
  }
  expect(await findAccountByEmail(clinic.store, 'default', 'ben@home.example')).toBeUndefined()
})

test('of two who use one link at one moment, one is let through', async () => {
  const token = (await invited('eve@home.example')).split('/').at(-1) ?? ''
  const kinds = await Promise.all(
    ['first password', 'second password', 'third password'].map(async (password) => {
      return (await acceptWithPassword(clinic.store, token, password)).kind
    }),
  )
  expect(kinds.sort()).toEqual(['accepted', 'over', 'over'])
})

test('what stands in the link is not stored, and counts for seven days', async () => {
  const link = await invited('old@home.example')
  const token = link.split('/').at(-1) ?? ''
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
  const stored = await clinic.store.invitations.findOne({ email: 'old@home.example' })
  expect(JSON.stringify(stored)).not.toContain(token)
  expect(stored!.expires.getTime() - stored!.created.getTime()).toBe(7 * 24 * 3600 * 1000)
  const expires = new Date(Date.now() - 1000)
  await clinic.store.invitations.updateOne({ email: 'old@home.example' }, { $set: { expires } })
  expect((await browser.get(link)).status).toBe(410)
  expect((await acceptWithPassword(clinic.store, token, PASSWORD)).kind).toBe('over')
  expect((await browser.get(`${origin}/oauth/invitation/nothing`)).status).toBe(410)
})

test('the clinic login is linked by an invitation, and by nothing else', async () => {
  idp.user = { subject: 'noor' }
  const link = await invited('noor@clinic.example', { roles: ['practitioner'], person: 'Practitioner/hms-2' })
  const page = await browser.get(link)
  expect(page.text).toContain('Sign in with Hill Clinic instead')
  const going = await browser.post(link, { csrf: csrfOf(page), do: 'link' })
  expect(going.text).toContain('url=/oauth/clinic/login')
  const done = await browser.follow(`${origin}/oauth/clinic/login`)
  expect([done.status, done.text.includes('From now on you sign in with Hill Clinic')]).toEqual([200, true])
  const account = await findAccountByIdentity(clinic.store, 'default', { issuer: idp.issuer, subject: 'noor' })
  expect(account).toMatchObject({ email: 'noor@clinic.example', person: 'Practitioner/hms-2' })
  expect(account?.password).toBeUndefined()
  expect((await browser.get(link)).status).toBe(410)
})

test('a clinic login that is another person here is not taken over, and the invitation stays good', async () => {
  idp.user = { subject: 'noor' }
  const link = await invited('other@clinic.example')
  await browser.post(link, { csrf: csrfOf(await browser.get(link)), do: 'link' })
  expect((await browser.follow(`${origin}/oauth/clinic/login`)).status).toBe(403)
  expect((await browser.get(link)).status).toBe(200)
})

test('an invitation of somebody who has an account changes that one', async () => {
  const before = await clinic.add('staff@clinic.example', { roles: ['staff'] })
  const link = await invited('Staff@clinic.example', { person: 'Patient/hms-9' })
  await browser.post(link, { csrf: csrfOf(await browser.get(link)), password: 'quite another one' })
  const after = await findAccountByEmail(clinic.store, 'default', 'staff@clinic.example')
  expect(after).toMatchObject({ _id: before._id, person: 'Patient/hms-9' })
  expect(await rolesOf(clinic.store, before._id)).toEqual(['patient', 'staff'])
  const attempt = { tenant: 'default', email: 'staff@clinic.example', address: '192.0.2.1' }
  expect((await signIn(clinic.people, { ...attempt, password: PASSWORD })).kind).toBe('wrong')
  expect((await signIn(clinic.people, { ...attempt, password: 'quite another one' })).kind).toBe('in')
})

test('the page speaks Arabic where that is chosen, and what cannot be invited is refused', async () => {
  const link = await invited('amal@home.example')
  expect((await browser.get(`${link}?lang=ar`)).status).toBe(303)
  expect((await browser.get(link)).text).toContain('<html lang="ar" dir="rtl">')
  await expect(invited('x@home.example', { person: undefined })).rejects.toThrow('A patient sees their own record only')
  await expect(invited('nothing')).rejects.toThrow('"nothing" is no e-mail address.')
  await expect(invited('x@home.example', { roles: ['boss'] })).rejects.toThrow('There is no role boss')
})
