/** update and patch, of an instance or conditional (https://hl7.org/fhir/R4/http.html#update, #patch). */
import type { Resource } from '@medplum/fhirtypes'
import type { Answer } from '../../http/answer.ts'
import type { FhirContext } from '../context.ts'
import { patchOf } from '../patch-body.ts'
import { checkedResource, jsonBody } from '../resource-body.ts'
import { commitOne, freeOf, targetOf, versionOf, writtenAnswer } from '../write-context.ts'

/** `id` undefined: the resource that the condition in the address fits. */
export async function update(context: FhirContext, type: string, id?: string): Promise<Answer> {
  const { request } = context
  const resource = checkedResource(context, jsonBody(request), type, id)
  const match = versionOf(request.header('if-match'))
  const target = targetOf(context, type, id)
  const how = { ...match, ...freeOf(context, type) }
  const written = await commitOne(context, { method: 'PUT', type, ...target, ...how, resource, edit: () => resource })
  return writtenAnswer(context, written, 'update', resource)
}

/** Applied to what is there at the moment of the write: nothing that came in between is lost. */
export async function patch(context: FhirContext, type: string, id?: string): Promise<Answer> {
  const { request } = context
  const patch = await patchOf(context, request, type)
  let patched: Resource | undefined
  const edit = (current: Resource | undefined): Resource => (patched = patch(current))
  const match = versionOf(request.header('if-match'))
  const target = targetOf(context, type, id)
  const written = await commitOne(context, { method: 'PUT', type, ...target, ...match, edit, existing: true })
  return writtenAnswer(context, written, 'patch', patched)
}
