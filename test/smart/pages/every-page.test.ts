/** Every page in a real browser, in both languages, on a desk and on a phone. */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { styleAnswer, stylePath } from '../../../src/smart/pages/assets.ts'
import { pageHeaders } from '../../../src/smart/pages/page-answer.ts'
import type { Language } from '../../../src/smart/pages/texts/texts.ts'
import { startChromium } from '../../support/chromium.ts'
import { everyPage } from './every-page.ts'
import { poorContrasts, seen } from './in-page.ts'
import type { Seen } from './in-page.ts'

let server: Server
let origin: string
let browser: Browser

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const language = (searchParams.get('lang') ?? 'en') as Language
    const page = everyPage[pathname.slice(1)]?.({ language, path: pathname, user: 'Amal Haddad' })
    if (pathname === stylePath) response.writeHead(200, styleAnswer.headers).end(styleAnswer.body)
    else if (page === undefined) response.writeHead(404).end()
    else response.writeHead(200, pageHeaders).end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  browser = await startChromium()
}, 180_000)

afterAll(async () => {
  await browser.close()
  server.close()
})

const sizes = { desk: { width: 1200, height: 800 }, phone: { width: 360, height: 740 } }
const cases = Object.entries(sizes).flatMap(([size, viewport]) =>
  (['en', 'ar'] as const).map((language) => ({ size, viewport, language })),
)

test.each(cases)('Every page fits on a $size in $language and keeps to its policy.', async ({ viewport, language }) => {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('requestfailed', (request) => complaints.push(request.url()))
  for (const name of Object.keys(everyPage)) {
    await page.goto(`${origin}/${name}?lang=${language}`)
    expect([name, await page.evaluate<Seen>(seen)]).toEqual([
      name,
      {
        ...{ scrolls: false, direction: language === 'ar' ? 'rtl' : 'ltr', headings: 1 },
        ...{ unlabelled: [], undescribed: [], small: [] },
      },
    ])
  }
  expect(complaints).toEqual([])
  await context.close()
})

test('Every text has a contrast of at least 4.5 to 1 to what is behind it.', async () => {
  const page = await browser.newPage()
  for (const name of Object.keys(everyPage)) {
    await page.goto(`${origin}/${name}`)
    expect([name, await page.evaluate(poorContrasts)]).toEqual([name, []])
  }
  await page.close()
})

test('All parts of a consent can be reached and chosen by keyboard, and what does not count is hidden.', async () => {
  const page = await browser.newPage()
  await page.goto(`${origin}/consent`)
  const conditions = page.getByRole('group', { name: 'Which of: Conditions and diagnoses' })
  await expect(conditions.getByLabel('Problem list').isVisible()).resolves.toBe(false)
  await conditions.getByLabel('All of them').focus()
  await page.keyboard.press('ArrowRight')
  await expect(conditions.getByLabel('Problem list').isVisible()).resolves.toBe(true)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await expect(conditions.getByLabel('Problem list').isChecked()).resolves.toBe(true)
  await page.getByLabel('Conditions and diagnoses read, search').focus()
  await page.keyboard.press('Space')
  await expect(conditions.isVisible()).resolves.toBe(false)
  const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
  expect(outline).toBe('solid')
  await page.close()
})
