/** update and patch, of an instance or conditional (https://hl7.org/fhir/R4/http.html#update, #patch). */
import type { Resource } from '@medplum/fhirtypes'
import type { Answer } from '../../http/answer.ts'
import { JSON_PATCH, mediaType } from '../../http/media.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { JsonPatchError, applyJsonPatch } from '../../r4/json-patch.ts'
import { parseIncoming } from '../../r4/json.ts'
import type { JsonValue } from '../../r4/json.ts'
import type { FhirContext } from '../context.ts'
import { assertResource, jsonBody } from '../resource-body.ts'
import { commitOne, targetOf, versionOf, writtenAnswer } from '../write-context.ts'

/** `id` undefined: the resource that the condition in the address fits. */
export async function update(context: FhirContext, type: string, id?: string): Promise<Answer> {
  const { request } = context
  const resource = assertResource(jsonBody(request), type, id)
  const match = versionOf(request.header('if-match'))
  const target = targetOf(context, type, id)
  const written = await commitOne(context, { method: 'PUT', type, ...target, ...match, edit: () => resource })
  return writtenAnswer(context, written, 'update')
}

/** Applied to what is there at the moment of the write: nothing that came in between is lost. */
export async function patch(context: FhirContext, type: string, id?: string): Promise<Answer> {
  const { request } = context
  if (request.body === undefined || mediaType(request.header('content-type') ?? '') !== JSON_PATCH) {
    throw new GatewayError('GW_MEDIA_TYPE', 'A patch is sent as application/json-patch+json.')
  }
  const operations = parseIncoming(request.body)
  const match = versionOf(request.header('if-match'))
  const edit = (current: Resource | undefined): Resource =>
    assertResource(patched(current as unknown as JsonValue, operations), type, current?.id)
  const target = targetOf(context, type, id)
  const written = await commitOne(context, { method: 'PUT', type, ...target, ...match, edit, existing: true })
  return writtenAnswer(context, written, 'patch')
}

function patched(current: JsonValue, operations: JsonValue): JsonValue {
  try {
    return applyJsonPatch(current, operations)
  } catch (error) {
    if (error instanceof JsonPatchError) throw new GatewayError('GW_UNPROCESSABLE', error.message)
    throw error
  }
}
