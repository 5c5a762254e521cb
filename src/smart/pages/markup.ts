/** The tag that pages are written with: hono's, which escapes what is put in; given no promises, it makes text at once. */
import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

/** HTML that is put into other HTML as it is. */
export type Markup = HtmlEscapedString

export function markup(strings: TemplateStringsArray, ...values: unknown[]): Markup {
  return html(strings, ...values) as Markup
}
