/** delete, of an instance or conditional (https://hl7.org/fhir/R4/http.html#delete). */
import type { Answer } from '../../http/answer.ts'
import type { FhirContext } from '../context.ts'
import { etag } from '../headers.ts'
import { commitOne, targetOf, versionOf } from '../write-context.ts'

/** `id` undefined: the one resource that the condition in the address fits; more than one are never deleted at once. */
export async function remove(context: FhirContext, type: string, id?: string): Promise<Answer> {
  const target = targetOf(context, type, id)
  const match = versionOf(context.request.header('if-match'))
  const { outcome, v } = await commitOne(context, { method: 'DELETE', type, ...target, ...match })
  return { status: 204, ...(outcome !== 'absent' && { headers: { ETag: etag(v) } }), interaction: 'delete' }
}
