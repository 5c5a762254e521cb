/** What messages say, in both languages. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Facts } from '../../src/channels/filled.ts'
import type { RenderOptions } from '../../src/channels/render.ts'
import { render } from '../../src/channels/render.ts'
import { ownTemplates, readTemplates } from '../../src/channels/template.ts'
import type { Line, Wording } from '../../src/channels/template.ts'
import { SHOWN_KINDS } from '../../src/mapping/in-app.ts'

const facts: Facts = { zone: 'Asia/Dubai', start: '2026-03-01T05:30:00Z', practitioner: 'Dr Lina Haddad' }
const reminder = (options: Partial<RenderOptions> = {}) =>
  render({ kind: 'appointment-reminder', language: 'en', code: 'email', facts, ...options })

describe('every message', () => {
  const kinds = [...ownTemplates]

  test('that the gateway sends is there', () => {
    expect(kinds.map(([kind]) => kind)).toEqual([
      ...['appointment-cancelled', 'appointment-confirmed', 'appointment-moved', 'appointment-reminder', 'digest'],
      ...[
        'documents-requested',
        'draft-reminder',
        'prom-reminder',
        'report-ready',
        'source-notification',
        'waitlist-offer',
      ],
    ])
  })

  test('that an app may show is one of them', () => {
    expect(SHOWN_KINDS.filter((kind) => !ownTemplates.has(kind))).toEqual([])
  })

  test.each(kinds)('%s says the same in both languages', (_kind, { en, ar }) => {
    expect(namedIn(ar)).toEqual(namedIn(en))
    expect(ar.subject).toMatch(/^[\p{Script=Arabic}\p{M}\s]+$/u)
    expect(JSON.stringify(ar)).not.toBe(JSON.stringify(en))
  })

  test.each(kinds)('%s has no fact in its subject, and no hole in its text', (kind) => {
    for (const language of ['en', 'ar'] as const) {
      for (const code of ['email', 'sms', 'push'] as const) {
        const { subject, text } = render({ kind, language, code, facts: { ...facts, text: 'T', count: 2 } })
        expect(subject).toBe(render({ kind, language, code, facts: { zone: 'UTC' } }).subject)
        expect(text).not.toMatch(/undefined|null|NaN|Invalid|[{}]/)
        expect(text.trim()).not.toBe('')
      }
    }
  })

  test.each(kinds.flatMap(([kind]) => [...['en', 'ar'].map((language) => [kind, language] as const)]))(
    '%s in %s is HTML that loads nothing',
    (kind, language) => {
      const { html = '' } = render({ kind, language: language as 'en', code: 'email', facts })
      const dir = language === 'ar' ? 'rtl' : 'ltr'
      expect(html).toContain(`<html lang="${language}" dir="${dir}">`)
      expect(html).not.toMatch(/\b(src|href|background)=|url\(|<script|<img|<link/i)
    },
  )
})

/** The facts of all lines. */
function namedIn({ lines, short, action }: Wording): unknown {
  const names = (each: readonly Line[]) => [...JSON.stringify(each).matchAll(/\{(\w+)/g)].map(([, name]) => name)
  const sorted = (each: readonly Line[]) => [...new Set(names(each))].sort()
  return [sorted(lines), sorted(short), action !== undefined]
}

describe('facts', () => {
  test('are written in the zone of the clinic, in the language', () => {
    expect(reminder().text).toContain('You have an appointment on Sunday, 1 March 2026 at 9:30.')
    expect(reminder({ language: 'ar' }).text).toContain('لديك موعد يوم الأحد، ١ مارس ٢٠٢٦، الساعة ٩:٣٠ ص.')
  })

  test('have the digits of the country, and the calendar that appointments are kept by', () => {
    const text = (locale: string) => reminder({ language: 'ar', facts: { ...facts, locale } }).text
    expect(text('ar-AE')).toContain('1 مارس 2026، الساعة 9:30 ص')
    expect(text('ar-SA')).toContain('١ مارس ٢٠٢٦')
    for (const other of ['fr-FR', 'ar', 'not a tag']) expect(text(other)).toContain('١ مارس ٢٠٢٦')
    expect(reminder({ facts: { ...facts, locale: 'en-US' } }).text).toContain('Sunday, March 1, 2026 at 9:30 AM')
  })

  test('are right on both sides of the change of the clock', () => {
    const at = (start: string) => reminder({ code: 'sms', facts: { zone: 'Europe/Berlin', start } }).text
    expect(at('2026-03-29T00:30:00Z')).toContain('29 March 2026 at 1:30')
    expect(at('2026-03-29T01:30:00Z')).toContain('29 March 2026 at 3:30')
    expect(at('2026-10-25T00:30:00Z')).toContain('at 2:30')
    expect(at('2026-10-25T01:30:00Z')).toContain('at 2:30')
  })

  test('that are not known take their line with them', () => {
    expect(reminder().text).not.toContain('Where')
    expect(reminder({ facts: { ...facts, place: 'Room 4' } }).text).toContain('Where: Room 4')
    expect(reminder({ facts: { ...facts, start: 'some day' } }).text).not.toContain('You have an appointment')
  })

  test('have the plural of the language', () => {
    const text = (count: number, language: 'en' | 'ar') =>
      render({ kind: 'digest', language, code: 'sms', facts: { zone: 'UTC', count } }).text
    expect(text(1, 'en')).toBe('You have one new message from your clinic.')
    expect(text(2, 'en')).toBe('You have 2 new messages from your clinic.')
    expect(text(2, 'ar')).toBe('لديك رسالتان جديدتان من عيادتك.')
    expect(text(3, 'ar')).toBe('لديك ٣ رسائل جديدة من عيادتك.')
    expect(text(11, 'ar')).toBe('لديك ١١ رسالة جديدة من عيادتك.')
  })

  test('of a list have a line each', () => {
    const { text } = render({
      ...{ kind: 'digest', language: 'en', code: 'email' },
      facts: { zone: 'UTC', count: 2, items: ['One', 'Two'] },
    })
    expect(text).toContain('• One\n\n• Two')
  })

  test('in other letters are kept from mixing with what is around them', () => {
    expect(reminder({ language: 'ar' }).text).toContain('مع: \u2068Dr Lina Haddad\u2069')
    expect(reminder().text).not.toContain('\u2068')
    expect(reminder({ language: 'ar' }).html).toContain('<bdi>Dr Lina Haddad</bdi>')
  })

  test('are text, whatever is in them', () => {
    const { html = '' } = reminder({ facts: { ...facts, place: '<img src=x onerror=alert(1)>&\n<b>' } })
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;<br />&lt;b&gt;')
    expect(html).not.toMatch(/<img|<b>/)
  })
})

describe('links', () => {
  const link = 'https://clinic.example/visit?a=1&b=2'
  const unsubscribe = 'https://clinic.example/messages/choices/x'

  test('are there as text and as buttons', () => {
    const { text, html } = reminder({ facts: { ...facts, link }, unsubscribe })
    expect(text).toContain(`Join by video: ${link}`)
    expect(text).toContain(`No more messages of this kind: ${unsubscribe}`)
    expect(html).toContain('href="https://clinic.example/visit?a=1&amp;b=2"')
    expect(html).toContain(`href="${unsubscribe}"`)
  })

  test('lead to the web only', () => {
    const { text, html } = reminder({ facts: { ...facts, link: 'javascript:alert(1)' } })
    expect(text + String(html)).not.toContain('javascript')
  })
})

test('a clinic may have words of its own', () => {
  const words = { subject: 'See you soon', lines: ['On {start:date}.'] }
  const own = { en: words, ar: { ...words, subject: 'نراك قريبًا' } }
  expect(reminder({ own })).toMatchObject({ subject: 'See you soon', text: 'On Sunday, 1 March 2026.\n' })
  expect(reminder({ own, language: 'ar' }).subject).toBe('نراك قريبًا')
  // What it does not say stays as it is
  expect(reminder({ own, code: 'sms' }).text).toBe(reminder({ code: 'sms' }).text)
})

test('there is no message of a kind that is not there', () => {
  expect(() => reminder({ kind: 'greeting' })).toThrow('no template for messages of the kind greeting')
})

test.each([
  ['a subject with facts', 'en: { subject: "For {name}", lines: [a], short: [a] }'],
  ['one language only', 'en: { subject: "Hello", lines: [a], short: [a] }'],
  ['a word that nobody knows', 'en: { subject: Hello, lines: [a], short: [a], sms: a }'],
])('a file with %s is no template', (_what, content) => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-templates-'))
  writeFileSync(join(folder, 'greeting.yaml'), content)
  try {
    expect(() => readTemplates(folder)).toThrow('greeting.yaml is no template')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
