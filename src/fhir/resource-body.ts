/** The body of a write: exact JSON that is a resource of R4, of the type and id the address names. */
import type { Resource } from '@medplum/fhirtypes'
import type { FhirRequest } from '../http/answer.ts'
import { JSON_PATCH, isJsonType, mediaType } from '../http/media.ts'
import { GatewayError } from '../kernel/errors.ts'
import { parseIncoming } from '../r4/json.ts'
import type { JsonValue } from '../r4/json.ts'
import { structureProblems } from '../r4/structure.ts'
import type { ValidationContext } from './validation.ts'
import { assertValid } from './validation.ts'

/** Throws 415 when the body is no JSON, 400 when it cannot be read. */
export function jsonBody(request: FhirRequest): JsonValue {
  const { body } = request
  const type = request.header('content-type')
  if (body === undefined) {
    if (isJsonType(type)) throw new GatewayError('GW_BAD_REQUEST', 'The request has no body: send the resource in it.')
    throw new GatewayError('GW_MEDIA_TYPE', 'Send the resource as application/fhir+json in UTF-8.')
  }
  if (mediaType(type ?? '') === JSON_PATCH) {
    throw new GatewayError('GW_MEDIA_TYPE', 'A JSON Patch goes with PATCH; send a resource as application/fhir+json.')
  }
  return parseIncoming(body)
}

/** Throws 400 when it is another type, or 422 with every problem of its structure. */
export function assertResource(value: unknown, type: string, id?: string): Resource {
  const resource = value as Resource | null
  if (typeof resource !== 'object' || resource === null || resource.resourceType !== type) {
    throw new GatewayError('GW_BAD_REQUEST', `The body is no ${type}, which the address names.`, {
      expression: 'resourceType',
    })
  }
  if (id !== undefined && resource.id !== id) {
    throw new GatewayError('GW_BAD_REQUEST', 'The id of the resource is not the one in the address.', {
      expression: `${type}.id`,
    })
  }
  const issues = structureProblems(resource)
  const [first] = issues
  if (first) throw new GatewayError('GW_INVALID_RESOURCE', first.message, { expression: first.expression, issues })
  return resource
}

/** What is to be written: `assertResource`, and what the tenant's policy asks of it (422). */
export function checkedResource(context: ValidationContext, value: unknown, type: string, id?: string): Resource {
  const resource = assertResource(value, type, id)
  assertValid(context, resource)
  return resource
}
