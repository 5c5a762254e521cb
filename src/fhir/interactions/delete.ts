/** delete, of an instance or conditional (https://hl7.org/fhir/R4/http.html#delete). */
import type { Answer } from '../../http/answer.ts'
import type { FhirContext } from '../context.ts'
import { etag } from '../headers.ts'
import { deletesOf } from '../transaction/deletes.ts'
import { commit, targetOf, versionOf } from '../write-context.ts'

/** `id` undefined: what the condition in the address fits, as far as the limits let several be deleted at once. */
export async function remove(context: FhirContext, type: string, id?: string): Promise<Answer> {
  const target = targetOf(context, type, id)
  const match = versionOf(context.request.header('if-match'))
  const deletes = await deletesOf(context, { method: 'DELETE', type, ...target, ...match })
  const [written, second] = await commit(context, deletes)
  const isOne = written && !second && written.outcome !== 'absent'
  return { status: 204, ...(isOne && { headers: { ETag: etag(written.v) } }), interaction: 'delete' }
}
