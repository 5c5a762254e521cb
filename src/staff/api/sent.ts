/** What a request of the staff API brings along, before the contract is asked about it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hasBody, readBody } from '../../http/body.ts'
import type { BodyLimits } from '../../http/body.ts'
import { isJsonType } from '../../http/media.ts'
import { GatewayError } from '../../kernel/errors.ts'

/** Undefined: there is none. */
export async function bodyOf(limits: BodyLimits, request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if (!hasBody(request)) return undefined
  if (!isJsonType(request.headers['content-type'])) {
    throw new GatewayError('GW_MEDIA_TYPE', 'The body must be JSON: send Content-Type: application/json.')
  }
  const text = (await readBody(request, response, limits)) ?? ''
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new GatewayError('GW_INVALID_JSON', 'The body is no JSON.')
  }
}

/** A parameter that comes twice is a list, which none of ours is unless the contract says so. */
export function queryOf({ url = '' }: IncomingMessage): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>
  const begin = url.indexOf('?')
  for (const [name, value] of new URLSearchParams(begin < 0 ? '' : url.slice(begin))) {
    const there = query[name]
    query[name] = there === undefined ? value : [there, value].flat()
  }
  return query
}

export function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const single = Object.entries(headers).filter((each): each is [string, string] => typeof each[1] === 'string')
  return Object.fromEntries(single)
}

export function versionIn({ 'if-match': tag }: Record<string, string>): { readonly version?: number } {
  if (tag === undefined) return {}
  const [, digits] = /^(?:W\/)?"([1-9]\d{0,9})"$/.exec(tag) ?? []
  if (digits === undefined) throw new GatewayError('GW_PRECONDITION', 'If-Match names no version: send W/"<version>".')
  return { version: Number(digits) }
}
