/** JSON only: what the client accepts (`Accept`, `_format`), and how it wants it printed (`_pretty`). */
import { GatewayError } from '../kernel/errors.ts'

const JSON_TYPES = new Set(['application/fhir+json', 'application/json', 'text/json', 'json'])
const WILD = new Set(['*/*', 'application/*'])

/** R4 is 4.0 (http.html#version-parameter). */
const OTHER_VERSION = /;\s*fhirVersion\s*=\s*(?!"?4\.0(\.\d+)?"?\s*(;|$))/i

/** Throws 406 when nothing the client accepts is JSON. `_format` wins over `Accept` (R4 http.html#parameters). */
export function assertJsonAccepted(format: string | undefined, accept: string | undefined): void {
  if (format !== undefined) {
    // A '+' of an unescaped application/fhir+json arrives as a space.
    if (JSON_TYPES.has(mediaType(format).replace(' ', '+')) && !OTHER_VERSION.test(format)) return
  } else if (accept === undefined || accept.split(',').some(acceptsJson)) return
  throw new GatewayError('GW_NOT_ACCEPTABLE', 'Only JSON of FHIR R4 is spoken here: ask for application/fhir+json.')
}

function acceptsJson(part: string): boolean {
  const type = mediaType(part)
  return (JSON_TYPES.has(type) || WILD.has(type)) && !/;\s*q=0(\.0*)?\s*(;|$)/.test(part) && !OTHER_VERSION.test(part)
}

export function mediaType(text: string): string {
  return (text.split(';')[0] ?? '').trim().toLowerCase()
}

/** A JSON body in UTF-8. */
export function isJsonType(contentType: string | undefined): boolean {
  const [type, ...parameters] = (contentType ?? '').toLowerCase().split(';')
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='))
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  return isUtf8 && !OTHER_VERSION.test(contentType ?? '') && BODY_TYPES.has((type ?? '').trim())
}

export function isFormType(contentType: string | undefined): boolean {
  return mediaType(contentType ?? '') === 'application/x-www-form-urlencoded'
}

export const JSON_PATCH = 'application/json-patch+json'
const BODY_TYPES = new Set([...JSON_TYPES, JSON_PATCH].filter((type) => type.includes('/')))

/** Indents JSON text without touching its tokens, so decimals keep their digits. */
export function prettyJson(text: string): string {
  let depth = 0
  return text.replace(/"(?:[^"\\]|\\.)*"|[[\]{},:]/g, (token) => {
    if (token.startsWith('"')) return token
    if (token === ':') return ': '
    if (token === ',') return `,\n${'  '.repeat(depth)}`
    if (token === '{' || token === '[') return `${token}\n${'  '.repeat(++depth)}`
    depth--
    return `\n${'  '.repeat(depth)}${token}`
  })
}
