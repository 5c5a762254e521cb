/** The body of a PATCH as what it does to a resource: a JSON Patch or a FHIRPath Patch (https://hl7.org/fhir/R4/http.html#patch). */
import type { Resource } from '@medplum/fhirtypes'
import type { FhirRequest } from '../http/answer.ts'
import { JSON_PATCH, mediaType } from '../http/media.ts'
import { GatewayError } from '../kernel/errors.ts'
import { FhirPathPatchError, fhirPathPatch } from '../r4/fhirpath-patch.ts'
import { JsonPatchError, applyJsonPatch } from '../r4/json-patch.ts'
import { parseIncoming } from '../r4/json.ts'
import type { JsonValue } from '../r4/json.ts'
import { checkedResource } from './resource-body.ts'
import type { ValidationContext } from './validation.ts'

/** As the CapabilityStatement names them. */
export const PATCH_FORMATS = [JSON_PATCH, 'application/fhir+json']

/** From what is there to what shall be. */
type Edit = (current: Resource | undefined) => Resource

/** Throws 415 when the body is no patch; what it returns throws when the patch does not fit what is there. */
export async function patchOf(context: ValidationContext, request: FhirRequest, type: string): Promise<Edit> {
  const contentType = mediaType(request.header('content-type') ?? '')
  if (request.body === undefined || !PATCH_FORMATS.includes(contentType)) {
    const sentence = 'A patch is sent as application/json-patch+json, or as Parameters in application/fhir+json.'
    throw new GatewayError('GW_MEDIA_TYPE', sentence)
  }
  const body = parseIncoming(request.body)
  const apply =
    contentType === JSON_PATCH ? (current: JsonValue) => applyJsonPatch(current, body) : await fhirPath(body)
  return (current) => {
    const patched = refusing(() => apply(current as unknown as JsonValue))
    return checkedResource(context, patched, type, current?.id)
  }
}

async function fhirPath(body: JsonValue): Promise<(current: JsonValue) => JsonValue> {
  try {
    return await fhirPathPatch(body)
  } catch (error) {
    throw refusal(error)
  }
}

function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw refusal(error)
  }
}

function refusal(error: unknown): unknown {
  if (error instanceof JsonPatchError) return new GatewayError('GW_UNPROCESSABLE', error.message)
  if (!(error instanceof FhirPathPatchError)) return error
  const { message, expression, isMisfit } = error
  return new GatewayError(isMisfit ? 'GW_UNPROCESSABLE' : 'GW_BAD_REQUEST', message, { expression })
}
