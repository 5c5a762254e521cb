import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { styleAnswer, stylePath } from '../../../src/smart/pages/assets.ts'
import { field, form, notice } from '../../../src/smart/pages/form.ts'
import { languageOf } from '../../../src/smart/pages/language.ts'
import { layout } from '../../../src/smart/pages/layout.ts'
import { markup } from '../../../src/smart/pages/markup.ts'
import { pageAnswer } from '../../../src/smart/pages/page-answer.ts'

const frame = { language: 'en', path: '/oauth/apps' } as const

test('A page says its language and direction, and offers the other language.', () => {
  const english = layout(frame, { title: 'Sign in', content: markup`<p>Hello</p>` })
  expect(english).toContain('<html lang="en" dir="ltr">')
  expect(english).toContain('href="/oauth/apps?lang=ar"')
  const arabic = layout({ ...frame, language: 'ar' }, { title: 'x', content: markup`` })
  expect(arabic).toContain('<html lang="ar" dir="rtl">')
  expect(arabic).toContain('href="/oauth/apps?lang=en"')
})

test('What is put into a page is escaped wherever it stands.', () => {
  const evil = '"><script>alert(1)</script>'
  const page = layout(
    { ...frame, user: evil },
    {
      title: evil,
      content: markup`${notice('error', evil)}${form({ action: evil, csrf: evil }, field({ name: 'a', label: evil, value: evil, error: evil }))}`,
    },
  )
  expect(page).not.toContain('<script')
  expect(page).not.toContain('value=""')
})

test('A page holds no script, no style and nothing of another origin.', () => {
  const page = layout(frame, { title: 'Sign in', content: markup`` })
  expect(page).not.toMatch(/<script|<style|style=|\son\w+=|https?:/)
})

test('A page is sent so that it is not kept, not framed and tells nobody where it was.', () => {
  const { status, headers = {} } = pageAnswer(200, '')
  expect(status).toBe(200)
  expect(headers['Content-Security-Policy']).toBe(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  )
  expect(headers['Referrer-Policy']).toBe('no-referrer')
  expect(headers['Cache-Control']).toBe('no-store')
})

test('The style sheet is found by its content, and runs from either side.', () => {
  expect(stylePath).toMatch(/^\/oauth\/assets\/style\.[\w-]{16}\.css$/)
  const style = String(styleAnswer.body)
  expect(style).toBe(readFileSync('src/smart/pages/style.css', 'utf8'))
  expect(style).not.toMatch(
    /(margin|padding|border)-(left|right|top|bottom)|text-align: (left|right)|\b(left|right):|url\(/,
  )
})

test('A field is bound to its label, its hint and its error.', () => {
  const text = field({ name: 'email', label: 'Email', hint: 'as registered', error: 'unknown' }).toString()
  expect(text).toContain('<label for="email">')
  expect(text).toContain('aria-invalid="true"')
  expect(text).toContain('aria-describedby="email-hint email-error"')
})

test.each([
  [{}, 'en'],
  [{ accepted: 'fr, ar-EG;q=0.8, en;q=0.5' }, 'ar'],
  [{ account: 'en', accepted: 'ar' }, 'en'],
  [{ uiLocales: 'fr AR-sa', account: 'en' }, 'ar'],
  [{ chosen: 'en', uiLocales: 'ar' }, 'en'],
  [{ chosen: 'xx', accepted: '*' }, 'en'],
] as const)('The language of %j is %s.', (wishes, language) => {
  expect(languageOf(wishes)).toBe(language)
})
