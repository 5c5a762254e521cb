/** Which interaction a request asks for (https://hl7.org/fhir/R4/http.html): the whole FHIR API at a glance. */
import { everythingOf } from '../access/permit.ts'
import type { Answer, FhirHandler, FhirRequest } from '../http/answer.ts'
import { assertJsonAccepted } from '../http/media.ts'
import { GatewayError } from '../kernel/errors.ts'
import { isResourceType } from '../r4/elements.ts'
import type { ResourceReader } from '../store/resource-reader.ts'
import type { FhirContext } from './context.ts'
import { capabilities } from './interactions/capabilities.ts'
import { historyInstance, historySystem, historyType } from './interactions/history.ts'
import { read, vread } from './interactions/read.ts'
import { search } from './interactions/search.ts'
import type { PageKey } from './page-token.ts'

const ID = /^[A-Za-z0-9\-.]{1,64}$/

export function fhirHandler(reader: ResourceReader, pageKey: PageKey): FhirHandler {
  return async (request) => {
    const format = request.query.length === 0 ? undefined : request.query.find(([name]) => name === '_format')?.[1]
    assertJsonAccepted(format, request.header('accept'))
    const context = { request, permit: everythingOf(request.tenant), reader, pageKey }
    return route(context, request)
  }
}

async function route(context: FhirContext, request: FhirRequest): Promise<Answer> {
  const [first, ...rest] = request.path
  if (first === undefined) throw notAllowed('Searching all types at once is not possible here.', '')
  if (first === 'metadata' && rest.length === 0) return onlyGet(request, () => capabilities(context))
  if (first === '_history' && rest.length === 0) return onlyGet(request, () => historySystem(context))
  if (!isResourceType(first)) throw new GatewayError('GW_NOT_FOUND', 'This is no resource type of FHIR R4.')
  return routeType(context, request, first, rest)
}

function routeType(
  context: FhirContext,
  request: FhirRequest,
  type: string,
  [id, history, version, ...more]: readonly string[],
): Promise<Answer> {
  if (id === undefined) return onlyGet(request, () => search(context, type))
  if (id === '_search' && history === undefined) return onlyPost(request, () => search(context, type))
  if (id === '_history' && history === undefined) return onlyGet(request, () => historyType(context, type))
  if (!ID.test(id)) throw new GatewayError('GW_BAD_REQUEST', 'This is no id of FHIR: A-Z, a-z, 0-9, - and . only.')
  if (history === undefined) return onlyGet(request, () => read(context, type, id))
  if (history !== '_history' || more.length > 0) throw nothingThere()
  if (version === undefined) return onlyGet(request, () => historyInstance(context, type, id))
  return onlyGet(request, () => vread(context, type, id, version))
}

function onlyGet(request: FhirRequest, handle: () => Promise<Answer>): Promise<Answer> {
  if (request.method === 'GET') return handle()
  throw notAllowed(`${request.method} is not possible here: this release reads.`, 'GET, HEAD')
}

function onlyPost(request: FhirRequest, handle: () => Promise<Answer>): Promise<Answer> {
  if (request.method !== 'POST') throw notAllowed('_search takes a POST.', 'POST')
  const type = request.header('content-type') ?? ''
  if (type !== '' && !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new GatewayError('GW_MEDIA_TYPE', '_search takes a form: send application/x-www-form-urlencoded.')
  }
  return handle()
}

function notAllowed(message: string, allow: string): GatewayError {
  return new GatewayError('GW_NOT_ALLOWED', message, { allow })
}

function nothingThere(): GatewayError {
  return new GatewayError('GW_NOT_FOUND', 'There is nothing at this address.')
}
