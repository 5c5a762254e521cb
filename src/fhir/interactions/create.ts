/** create, also conditional (https://hl7.org/fhir/R4/http.html#create). */
import type { Answer } from '../../http/answer.ts'
import { assertKnownParameters } from '../context.ts'
import type { FhirContext } from '../context.ts'
import { checkedResource, jsonBody } from '../resource-body.ts'
import { commitOne, conditionOf, freeOf, writtenAnswer } from '../write-context.ts'

export async function create(context: FhirContext, type: string): Promise<Answer> {
  const { request } = context
  const body = jsonBody(request)
  assertKnownParameters(request)
  const resource = checkedResource(context, body, type)
  const condition = request.header('if-none-exist')
  const unless = condition === undefined ? {} : { unless: conditionOf(context, type, condition) }
  const written = await commitOne(context, { method: 'POST', type, resource, ...unless, ...freeOf(context, type) })
  return writtenAnswer(context, written, 'create', resource)
}
