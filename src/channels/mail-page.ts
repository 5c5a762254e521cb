/**
 * The HTML of an email. Mail programs know little: styles stand at the elements, nothing is loaded from anywhere, so that
 * nobody is told who opened it when.
 */
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { FilledLine } from './filled.ts'
import type { MessageLanguage } from './language.ts'

export interface MailPage {
  readonly language: MessageLanguage
  readonly subject: string
  readonly content: readonly FilledLine[]
  readonly links: readonly Link[]
  /** below the line */
  readonly end: readonly string[]
  readonly stop: readonly Link[]
}

export interface Link {
  readonly label: string
  readonly url: string
}

const DIRECTION = { en: 'ltr', ar: 'rtl' } as const
const FONT = "font-family: system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', Tahoma, sans-serif"
const BODY = `margin: 0; padding: 24px 12px; background: #f2f6f9; color: #12263a; ${FONT}; font-size: 16px; line-height: 1.6`
const SHEET =
  'max-width: 480px; margin: 0 auto; padding: 24px; background: #fff; border: 1px solid #c9d5df; border-radius: 12px'
const BUTTON =
  'display: inline-block; padding: 12px 20px; background: #0b5c8a; color: #fff; border-radius: 8px; text-decoration: none'

export function mailPage({ language, subject, content, links, end, stop }: MailPage): string {
  const dir = DIRECTION[language]
  return markup`<!doctype html>
<html lang="${language}" dir="${dir}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>${subject}</title>
</head>
<body dir="${dir}" style="${BODY}">
<div style="${SHEET}" role="article" lang="${language}" dir="${dir}">
<h1 style="margin: 0 0 16px; font-size: 20px; line-height: 1.4">${subject}</h1>
${content.map((line) => markup`<p style="margin: 0 0 12px">${line.map(partOf)}</p>\n`)}
${links.map(({ label, url }) => markup`<p style="margin: 20px 0"><a href="${url}" style="${BUTTON}">${label}</a></p>\n`)}
</div>
<div style="max-width: 480px; margin: 16px auto 0; color: #4a5f73; font-size: 14px">
${end.map((line) => markup`<p style="margin: 0 0 8px">${line}</p>\n`)}
${stop.map(({ label, url }) => markup`<p style="margin: 0"><a href="${url}" style="color: #0b5c8a">${label}</a></p>\n`)}
</div>
</body>
</html>
`.toString()
}

/** A row's text may have lines of its own. */
function partOf({ text, isFact }: FilledLine[number]): unknown {
  if (!isFact) return text
  return markup`<bdi>${text.split(/\r?\n/).map((line, at) => (at === 0 ? line : markup`<br />${line}`))}</bdi>`
}

/** hono's, which escapes what is put in; given no promises, it makes text at once. */
function markup(strings: TemplateStringsArray, ...values: unknown[]): HtmlEscapedString {
  return html(strings, ...values) as HtmlEscapedString
}
