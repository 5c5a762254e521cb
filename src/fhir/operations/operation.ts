/** What an operation on one resource is (https://hl7.org/fhir/R4/operations.html). */
import type { Answer } from '../../http/answer.ts'
import type { FhirContext } from '../context.ts'

export interface InstanceOperation {
  /** without the dollar sign */
  readonly code: string
  /** id of its OperationDefinition in profiles/ */
  readonly definition: string
  handle(context: FhirContext, type: string, id: string): Promise<Answer>
}
