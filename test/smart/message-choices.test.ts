/** The page behind "no more messages of this kind", as people and mail programs meet it. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Choice } from '../../src/channels/choice.ts'
import { choiceLink } from '../../src/channels/choice.ts'
import type { MessageLanguage } from '../../src/channels/language.ts'
import { messageChoices } from '../../src/smart/message-choices.ts'
import { stoppedMessages } from '../../src/store/message-choices.ts'
import type { FhirServer } from '../support/fhir-server.ts'
import { startFhirServer } from '../support/fhir-server.ts'

const choice: Choice = { tenant: 'default', person: 'Patient/hms-7', kind: 'appointment-reminder', code: 'email' }

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ beside: (parts) => [messageChoices(parts)] })
})
beforeEach(() => server.store.messageChoices.deleteMany({}))
afterAll(() => server.stop())

function link(language: MessageLanguage = 'en', given: Choice = choice): string {
  return choiceLink(server.store.seals, server.origin, given, language)
}

async function stopped(): Promise<unknown[]> {
  const found = await stoppedMessages(server.store, { t: 'default', person: choice.person })
  return found.map(({ kind, code }) => [kind, code])
}

async function pressed(what: string, url = link()): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams({ do: what }) })
}

test('looking says what it is about, in the language of the message, and changes nothing', async () => {
  const page = await server.get(link())
  expect(page.status).toBe(200)
  expect(page.text).toContain('<html lang="en" dir="ltr">')
  expect(page.text).toContain('This is about reminders of appointments.')
  expect(page.text).toContain('Stop these messages')
  const arabic = await server.get(link('ar'))
  expect(arabic.text).toContain('<html lang="ar" dir="rtl">')
  expect(arabic.text).toContain('التذكير بالمواعيد')
  expect(await stopped()).toEqual([])
})

test('the page is nobody else’s to frame, keep or tell of, and loads one style', async () => {
  const { headers, text } = await server.get(link())
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(text).not.toContain('<script')
  const style = /rel="stylesheet" href="([^"]+)"/.exec(text)?.[1] ?? ''
  expect((await server.get(style)).headers.get('content-type')).toContain('text/css')
})

test.each([
  ['a form', new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })],
  ['a form of several parts', oneClick()],
])('one click of a mail program, sent as %s, stops them at once (RFC 8058)', async (_what, body) => {
  for (let n = 0; n < 2; n++) {
    const { status, redirected } = await fetch(link(), { method: 'POST', body })
    expect([status, redirected]).toEqual([200, false])
  }
  expect(await stopped()).toEqual([['appointment-reminder', '*']])
})

function oneClick(): FormData {
  const form = new FormData()
  form.set('List-Unsubscribe', 'One-Click')
  return form
}

test('a person stops them, sees it, and has them sent again', async () => {
  expect(await (await pressed('stop')).text()).toContain('They are not sent to you any more.')
  expect((await server.get(link())).text).toContain('Send them to me again')
  expect(await (await pressed('again')).text()).toContain('They are sent to you.')
  expect(await stopped()).toEqual([])
})

test('or everything that comes that way', async () => {
  await pressed('stop-all', link('ar'))
  expect(await stopped()).toEqual([['*', 'email']])
  const other = { ...choice, kind: 'digest' }
  expect((await server.get(link('en', other))).text).toContain('They are not sent to you any more.')
  expect((await server.get(link('en', { ...other, code: 'sms' }))).text).toContain('They are sent to you.')
})

test('a link that nobody made leads nowhere', async () => {
  const { pathname } = new URL(link())
  for (const path of [pathname.slice(0, -3), '/messages/choices/', '/messages/choices/%00', '/messages/choices/a/b']) {
    const page = await server.get(path)
    expect(page.status).toBe(404)
    expect(page.text).toContain('This link is not complete')
  }
  const { status } = await fetch(`${server.origin}${pathname.slice(0, -3)}`, { method: 'POST' })
  expect(status).toBe(404)
  expect(await stopped()).toEqual([])
})

test('there is nothing else to be done here', async () => {
  const response = await fetch(link(), { method: 'DELETE' })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, HEAD, POST')
  expect((await fetch(link(), { method: 'HEAD' })).status).toBe(200)
})

test('nothing of it is logged', async () => {
  await pressed('stop')
  expect(server.log.join()).not.toMatch(/hms-7|choices/)
})
