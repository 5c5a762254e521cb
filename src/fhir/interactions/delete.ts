/** delete of an instance (https://hl7.org/fhir/R4/http.html#delete). */
import type { Answer } from '../../http/answer.ts'
import { assertKnownParameters } from '../context.ts'
import type { FhirContext } from '../context.ts'
import { etag } from '../headers.ts'
import { commitOne, versionOf } from '../write-context.ts'

export async function remove(context: FhirContext, type: string, id: string): Promise<Answer> {
  const { request } = context
  assertKnownParameters(request)
  const match = versionOf(request.header('if-match'))
  const written = await commitOne(context, { method: 'DELETE', type, id, ...match })
  return { status: 204, headers: { ETag: etag(written.v) }, interaction: 'delete' }
}
