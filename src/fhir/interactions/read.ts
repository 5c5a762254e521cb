/** read and vread: the stored text as it is (https://hl7.org/fhir/R4/http.html#read). */
import type { Answer } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { FhirContext } from '../context.ts'
import { assertKnownParameters } from '../context.ts'
import { isNotModified, versionHeaders } from '../headers.ts'

export async function read(context: FhirContext, type: string, id: string): Promise<Answer> {
  const { request, permit, reader } = context
  assertKnownParameters(request)
  const stored = await reader.read(permit, type, id)
  if (!stored) throw notFound(type)
  if (stored.deleted) throw gone(type)
  request.trail?.saw([stored])
  const headers = versionHeaders(stored)
  if (isNotModified(stored, request.header('if-none-match'), request.header('if-modified-since'))) {
    return { status: 304, headers, interaction: 'read' }
  }
  return { status: 200, headers, body: stored.body, interaction: 'read' }
}

export async function vread(context: FhirContext, type: string, id: string, version: string): Promise<Answer> {
  const { request, permit, reader } = context
  assertKnownParameters(request)
  const stored = /^[1-9]\d{0,9}$/.test(version) ? await reader.version(permit, type, id, Number(version)) : undefined
  if (!stored) throw notFound(type)
  if (stored.method === 'DELETE') throw gone(type)
  request.trail?.saw([stored])
  return { status: 200, headers: versionHeaders(stored), body: stored.body, interaction: 'vread' }
}

/** The same words for what never was and for what is not yours: the id is not repeated. */
export function notFound(type: string): GatewayError {
  return new GatewayError('GW_NOT_FOUND', `There is no ${type} with this id.`)
}

export function gone(type: string): GatewayError {
  return new GatewayError('GW_GONE', `This ${type} was deleted.`)
}
