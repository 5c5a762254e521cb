/** The body of a PATCH as what it does to a resource (https://hl7.org/fhir/R4/http.html#patch). */
import type { Resource } from '@medplum/fhirtypes'
import type { FhirRequest } from '../http/answer.ts'
import { JSON_PATCH, mediaType } from '../http/media.ts'
import { GatewayError } from '../kernel/errors.ts'
import { JsonPatchError, applyJsonPatch } from '../r4/json-patch.ts'
import { parseIncoming } from '../r4/json.ts'
import type { JsonValue } from '../r4/json.ts'
import { assertResource } from './resource-body.ts'

/** Throws 415 when the body is no patch; what it returns throws when the patch does not fit what is there. */
export function patchOf(request: FhirRequest, type: string): (current: Resource | undefined) => Resource {
  if (request.body === undefined || mediaType(request.header('content-type') ?? '') !== JSON_PATCH) {
    throw new GatewayError('GW_MEDIA_TYPE', 'A patch is sent as application/json-patch+json.')
  }
  const operations = parseIncoming(request.body)
  return (current) => assertResource(patched(current as unknown as JsonValue, operations), type, current?.id)
}

function patched(current: JsonValue, operations: JsonValue): JsonValue {
  try {
    return applyJsonPatch(current, operations)
  } catch (error) {
    if (error instanceof JsonPatchError) throw new GatewayError('GW_UNPROCESSABLE', error.message)
    throw error
  }
}
