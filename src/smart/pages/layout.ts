/**
 * The frame of every page: language and direction, the one style sheet, a switch of language, one heading.
 *
 * There is no script and no style in the page, and nothing of another origin: the policy of page-answer.ts says so.
 */
import { stylePath } from './assets.ts'
import type { Markup } from './markup.ts'
import { markup } from './markup.ts'
import type { Language } from './texts/texts.ts'
import { LANGUAGES, languageNames, textsOf } from './texts/texts.ts'

/** What a page is told of the visit. */
export interface Frame {
  readonly language: Language
  /** of this page, without a query: where the switch of language leads; '' where a page cannot be asked for again */
  readonly path: string
  /** whose name stands at the top */
  readonly user?: string
}

export interface Page {
  readonly title: string
  /** something is wrong and the page says what: its title says so first */
  readonly failed?: boolean
  /** below the heading */
  readonly content: Markup
  /** the browser goes on there by itself */
  readonly goesOnTo?: string
  /** for tables and lists */
  readonly wide?: boolean
}

export function layout(frame: Frame, page: Page): string {
  const { language } = frame
  const texts = textsOf(language).layout
  const title = page.failed ? texts.failed(page.title) : page.title
  return markup`<!doctype html>
<html lang="${language}" dir="${languageNames[language].dir}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    ${page.goesOnTo !== undefined && markup`<meta http-equiv="refresh" content="0; url=${page.goesOnTo}" />`}
    <title>${title} · ${texts.service}</title>
    <link rel="stylesheet" href="${stylePath}" />
    <link rel="icon" href="data:," />
  </head>
  <body>
    <header class="top">
      <p class="service">${sign}<span>${texts.service}</span></p>
      ${languageSwitch(frame)}
    </header>
    <main class="${page.wide ? 'sheet wide' : 'sheet'}">
      ${frame.user !== undefined && markup`<p class="user">${texts.signedInAs} <bdi>${frame.user}</bdi></p>`}
      <h1>${page.title}</h1>
      ${page.content}
    </main>
  </body>
</html>`.toString()
}

function languageSwitch({ language, path }: Frame): Markup | undefined {
  if (path === '') return undefined
  const others = LANGUAGES.filter((each) => each !== language)
  return markup`<nav class="languages" aria-label="${textsOf(language).layout.language}">${others.map(
    (each) =>
      markup`<a href="${path}?lang=${each}" lang="${each}" hreflang="${each}" dir="${languageNames[each].dir}">${languageNames[each].name}</a>`,
  )}</nav>`
}

/** A path between two shores. */
const sign = markup`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="9" fill="#0b5c8a" /><path d="M7 10v12M25 10v12M7 16h18" stroke="#fff" stroke-width="3" stroke-linecap="round" fill="none" /></svg>`
