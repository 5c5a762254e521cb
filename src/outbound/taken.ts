/** What the status of an HTTP answer says of what was sent: taken, refused for good, or not now (RFC 9110 §15). */
import type { IncomingHttpHeaders } from 'node:http'
import { LaterError, RefusedError } from './failures.ts'

/** Request Timeout, Too Early (RFC 8470), Too Many Requests (RFC 6585): the same request may be taken later. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429])
/** What a receiver may ask for at the most: a day */
const LONGEST = 86_400

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** Throws unless it was taken. A redirect is no answer: where it leads was not agreed to. */
export function assertTaken({ status, headers }: Answer): void {
  if (status >= 200 && status < 300) return
  if (status >= 500 || LATER.has(status)) {
    throw new LaterError(`the receiver answered ${status}`, secondsAsked(headers['retry-after']))
  }
  throw new RefusedError(`the receiver answered ${status}`)
}

/** Retry-After is a number of seconds or a date (RFC 9110 §10.2.3). */
function secondsAsked(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), LONGEST)
}
