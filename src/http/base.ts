/** Where the FHIR API of each tenant is (docs/architecture.md). */
export const FHIR_BASE = '/fhir/R4'

/** Absolute, without a slash at the end. `origin`: the public one. */
export function fhirBase(origin: string, tenant: string): string {
  return origin + (tenant === 'default' ? '' : `/t/${tenant}`) + FHIR_BASE
}
