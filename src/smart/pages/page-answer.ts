/**
 * How a page is sent: never kept, never framed, nothing from elsewhere, no address told to others (RFC 9700 §4.16).
 *
 * Forms go to this origin only. Browsers hold every redirect after a form to that as well, so a form that ends at an
 * app is answered by a page that goes on to it (message.ts, `goingOnPage`), not by a redirect.
 */
import type { Answer } from '../../http/answer.ts'

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': POLICY,
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
}

/** After a form, so that nothing is sent twice. */
export function seeOther(place: string, cookie?: string): Answer {
  return { status: 303, headers: { Location: place, ...(cookie !== undefined && { 'Set-Cookie': cookie }) } }
}

export function pageAnswer(status: number, page: string): Answer {
  return { status, headers: pageHeaders, body: page }
}
