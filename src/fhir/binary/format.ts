/** In which form a Binary is wanted (https://hl7.org/fhir/R4/binary.html#rest). */
import type { FhirRequest } from '../../http/answer.ts'
import { isJsonType } from '../../http/media.ts'

/** Is it wanted as what it is? Whoever names no JSON of FHIR is given the bytes. */
export function wantsNative(request: FhirRequest): boolean {
  if (request.query.some(([name]) => name === '_format')) return false
  return !(request.header('accept') ?? '').split(',').some(isJsonType)
}
