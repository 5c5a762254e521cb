/** An HTTP request as what a FHIR handler is told of it. */
import type { Request, Response } from 'express'
import type { Caller } from '../access/caller.ts'
import { Deadline } from '../kernel/deadline.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Limits } from '../kernel/limits.ts'
import type { FhirRequest } from './answer.ts'
import { contentOf, hasBody, readBody } from './body.ts'
import { isFormType } from './media.ts'

export interface Place {
  readonly tenant: string
  readonly caller: Caller
  /** absolute URL of the FHIR base */
  readonly base: string
  /** path and query under it */
  readonly url: string
  readonly limits: Limits
  readonly address?: string | undefined
}

export async function readRequest(
  request: Request,
  response: Response,
  { tenant, caller, base, url, limits, address }: Place,
): Promise<FhirRequest> {
  const { method, headers } = request
  if (request.originalUrl.length > limits.urlLength) throw tooLong(limits)
  const mark = url.indexOf('?')
  const path = (mark < 0 ? url : url.slice(0, mark)).split('/').filter((segment) => segment !== '')
  const query = mark < 0 ? [] : parametersIn(url.slice(mark + 1))
  const sent = hasBody(request) ? await sentBody(request, response, limits) : undefined
  if (sent?.form !== undefined && method === 'POST') query.push(...parametersIn(sent.form))
  const isBundle = method === 'POST' && path.length === 0
  return {
    method: method === 'HEAD' ? 'GET' : method,
    path: path.map(decode),
    ...{ query, base, tenant, caller },
    ...sent?.parts,
    deadline: new Deadline(isBundle ? limits.bundleMilliseconds : limits.requestMilliseconds),
    ...(address !== undefined && { address }),
    header: (name) => headers[name] as string | undefined,
  }
}

/** A form is more of the query; JSON is read whole; anything else is left to who asks for it. */
async function sentBody(
  request: Request,
  response: Response,
  limits: Limits,
): Promise<{ readonly form?: string; readonly parts?: Pick<FhirRequest, 'body' | 'content'> }> {
  const text = await readBody(request, response, limits)
  if (text === undefined) return { parts: { content: () => contentOf(request, response) } }
  return isFormType(request.headers['content-type']) ? { form: text } : { parts: { body: text } }
}

/** URLSearchParams would put a replacement character where an encoding is broken, and search for something else. */
function parametersIn(text: string): [string, string][] {
  if (text.includes('%')) decode(text)
  return [...new URLSearchParams(text)]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new GatewayError('GW_BAD_REQUEST', 'The address holds a percent sign that is no encoding.')
  }
}

function tooLong({ urlLength }: Limits): GatewayError {
  return new GatewayError(
    'GW_URL_TOO_LONG',
    `An address may have at most ${urlLength} characters here: send a long search as a form to _search.`,
  )
}
