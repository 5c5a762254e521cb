/** Staff sign in with a browser: what they may do then over the staff API, and what a page of somebody else may not. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { staffDesk } from '../../src/cli/staff-desk.ts'
import type { OtherApi } from '../../src/http/app.ts'
import type { Smart } from '../../src/smart/smart.ts'
import { staffApi } from '../../src/staff/api/api.ts'
import { readContract } from '../../src/staff/api/contract.ts'
import { setDisabled } from '../../src/store/accounts.ts'
import type { OtherParts } from '../support/fhir-server.ts'
import { Browser, PASSWORD, startSmartServer } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

const contract = await readContract(fileURLToPath(new URL('../../openapi.yaml', import.meta.url)), '/api')
let server: SmartServer

beforeAll(async () => {
  const smart = Promise.withResolvers<Smart>()
  const beside = (parts: OtherParts): OtherApi[] => [
    staffApi({
      ...parts,
      desk: staffDesk(parts.store),
      contract,
      callerOf: () => Promise.reject(new Error('no token is sent here')),
      sessionOf: async (request, response) => (await smart.promise).staffSession(request, response),
      addressOf: () => '127.0.0.1',
      base: 'https://interop.example.org',
      timeZoneOf: () => 'UTC',
    }),
  ]
  server = await startSmartServer({ beside })
  smart.resolve(server.smart)
})

afterAll(() => server.stop())

async function signedIn(email: string): Promise<Browser> {
  const browser = new Browser(server.origin)
  const login = await browser.open(`${server.origin}/oauth/staff`)
  await browser.submit(login, { email, password: PASSWORD })
  return browser
}

test('Who signed in at /oauth/staff comes to the page of the API, and is known there by their roles.', async () => {
  const account = await server.account({ roles: ['staff'], person: 'Practitioner/d1' })
  const browser = new Browser(server.origin)
  const login = await browser.open(`${server.origin}/oauth/staff`)
  const page = await browser.submit(login, { email: account.email, password: PASSWORD })
  expect(new URL(page.url).pathname).toBe('/api/docs')
  const session = await (await browser.open(`${server.origin}/api/session`)).json()
  expect(session).toMatchObject({ tenant: 'default', account: account._id, person: 'Practitioner/d1' })
  expect(session).toMatchObject({ csrf: expect.stringMatching(/^[\w-]{43}$/) })
})

test('A browser that is signed in is handed the file of a document, and nobody else is.', async () => {
  const account = await server.account({ roles: ['staff'], person: 'Practitioner/d1' })
  await server.put({ resourceType: 'Binary', id: 'scan', contentType: 'text/plain', data: 'c2Nhbg==' })
  const content = [{ attachment: { url: 'Binary/scan', title: 'scan.txt' } }]
  await server.put({ resourceType: 'DocumentReference', id: 'scanned', status: 'current', content })
  const url = `${server.origin}/api/documents/scanned/file`
  const file = await (await signedIn(account.email)).open(url)
  expect([file.status, await file.text(), file.headers.get('content-disposition')]).toEqual([
    ...[200, 'scan', expect.stringMatching(/^attachment/)],
  ])
  expect((await fetch(url)).status).toBe(401)
})

test('Nobody is known without signing in, nor by a cookie of their own making.', async () => {
  const url = `${server.origin}/api/session`
  for (const headers of [{}, { Cookie: '_session=made-up; _session.sig=made-up' }]) {
    const answer = await fetch(url, { headers })
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  }
})

test('Whose account is switched off is nobody, whatever the browser still has.', async () => {
  const account = await server.account({ roles: ['staff'] })
  const browser = await signedIn(account.email)
  await setDisabled(server.store, account._id, true)
  expect((await browser.open(`${server.origin}/api/session`)).status).toBe(401)
})
