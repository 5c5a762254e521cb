/** An entry of a batch or transaction as the request it stands for, and an answer as the entry that tells of it. */
import type { BundleEntry } from '@medplum/fhirtypes'
import type { Answer, FhirRequest } from '../http/answer.ts'
import { GatewayError } from '../kernel/errors.ts'

/** The interaction that a request asks for: what the router does. */
export type Route = (request: FhirRequest) => Promise<Answer>

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])

export function entryRequest(outer: FhirRequest, entry: BundleEntry, at: string): FhirRequest {
  const { method = '', url = '' } = entry.request ?? {}
  const address = url.startsWith(`${outer.base}/`) ? url.slice(outer.base.length) : url
  const [path = '', query = ''] = address.split(/\?(.*)/s)
  const segments = path.split('/').filter((segment) => segment !== '')
  if (!METHODS.has(method) || segments.length === 0 || /^[a-z]+:/i.test(path)) throw notTaken(at)
  const { type, text } = content(entry)
  const headers = headersOf(entry, outer, type)
  return {
    ...{ base: outer.base, tenant: outer.tenant, caller: outer.caller, deadline: outer.deadline },
    ...(outer.trail && { trail: outer.trail }),
    method: method === 'HEAD' ? 'GET' : method,
    path: segments.map((segment) => decode(segment, at)),
    query: [...new URLSearchParams(query)],
    ...(text !== undefined && { body: text }),
    header: (name) => headers.get(name) ?? undefined,
  }
}

function headersOf({ request }: BundleEntry, outer: FhirRequest, type: string): Map<string, string | undefined> {
  return new Map([
    ['content-type', type],
    // an entry holds resources, a Binary too
    ['accept', 'application/fhir+json'],
    ['if-match', request?.ifMatch],
    ['if-none-match', request?.ifNoneMatch],
    ['if-modified-since', request?.ifModifiedSince],
    ['if-none-exist', request?.ifNoneExist],
    ['prefer', outer.header('prefer')],
  ])
}

/** A JSON Patch comes in a Binary (R4 http.html#patch). */
function content({ resource, request }: BundleEntry): { readonly type: string; readonly text?: string } {
  if (request?.method === 'PATCH' && resource?.resourceType === 'Binary') {
    return { type: resource.contentType, text: Buffer.from(resource.data ?? '', 'base64').toString('utf8') }
  }
  return { type: 'application/fhir+json', ...(resource && { text: JSON.stringify(resource) }) }
}

function decode(segment: string, at: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw notTaken(at)
  }
}

export function notTaken(at: string): GatewayError {
  const sentence = `The request of ${at} names no method and address under this base, such as PUT and Patient/1.`
  return new GatewayError('GW_BAD_REQUEST', sentence, { expression: `${at}.request` })
}

/** `lastModified` is as exact as the header it comes from: to the second. */
export function answeredEntry({ status, headers = {}, body }: Answer): string {
  const modified = headers['Last-Modified']
  const response = {
    status: String(status),
    location: headers['Location'],
    etag: headers['ETag'],
    ...(modified !== undefined && { lastModified: new Date(modified).toISOString() }),
  }
  return entryText(response, body?.toString(), status >= 400)
}

export function entryText(response: object, body: string | undefined, isOutcome: boolean): string {
  const text = JSON.stringify(response)
  if (body === undefined || body === '') return `{"response":${text}}`
  if (isOutcome) return `{"response":${text.slice(0, -1)},"outcome":${body}}}`
  return `{"resource":${body},"response":${text}}`
}
