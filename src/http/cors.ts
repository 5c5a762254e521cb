/**
 * Which pages of browsers may read answers (https://fetch.spec.whatwg.org/#http-cors-protocol): what is open to everybody,
 * those of any origin; anything else, those of the app that the token is for. Never with cookies.
 */
import type { IncomingMessage } from 'node:http'
import type { Answer } from './answer.ts'

/** Is it the origin of this client, or of any where none is named? */
export type KnowsOrigin = (origin: string, client?: string) => Promise<boolean>

const HEADERS = [
  ...['Accept', 'Authorization', 'Content-Type', 'Prefer', 'If-Match', 'If-None-Match', 'If-None-Exist'],
  ...['If-Modified-Since', 'X-Requested-With'],
].join(', ')
const EXPOSED = [
  ...['Location', 'ETag', 'Content-Location', 'Last-Modified', 'X-Progress', 'Retry-After', 'Expires', 'Link'],
  ...['WWW-Authenticate', 'Content-Disposition'],
].join(', ')
const SECONDS = '3600'

/** A browser that asks whether it may ask: before the request, and without a token, so by origin only. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers
}

export function preflightAnswer(origin: string, isKnown: boolean, methods: string): Answer {
  const allowed = {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': HEADERS,
    'Access-Control-Max-Age': SECONDS,
  }
  return { status: 204, headers: { Vary: 'Origin', ...(isKnown && allowed) } }
}

/** `reader`: the origin that may read it, or * for all. */
export function readableBy(answer: Answer, reader: string | undefined): Answer {
  const allowed = { 'Access-Control-Allow-Origin': reader ?? '', 'Access-Control-Expose-Headers': EXPOSED }
  return { ...answer, headers: { ...answer.headers, Vary: 'Origin', ...(reader !== undefined && allowed) } }
}
