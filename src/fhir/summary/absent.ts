/** What IPS has in place of data: entries that say that nothing is known, and why a required element is missing. */
import type { Resource } from '@medplum/fhirtypes'

const ABSENT = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips'
const CLINICAL = 'http://terminology.hl7.org/CodeSystem'
const REASON = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'

export type Required = 'allergies' | 'problems' | 'medications'

/** `patient`: full URL. `text`: in the language of the summary. */
export function noInformation(section: Required, patient: string, text: string): Resource {
  const subject = { reference: patient }
  if (section === 'allergies') {
    const code = concept('no-allergy-info', 'No information about allergies', text)
    return { resourceType: 'AllergyIntolerance', clinicalStatus: active('allergyintolerance'), code, patient: subject }
  }
  if (section === 'problems') {
    const code = concept('no-problem-info', 'No information about problems', text)
    return { resourceType: 'Condition', clinicalStatus: active('condition'), code, subject }
  }
  return {
    resourceType: 'MedicationStatement',
    status: 'unknown',
    medicationCodeableConcept: concept('no-medication-info', 'No information about medications', text),
    subject,
    effectivePeriod: because('not-applicable'),
  }
}

function concept(code: string, display: string, text: string): { coding: object[]; text: string } {
  return { coding: [{ system: ABSENT, code, display }], text }
}

function active(kind: string): { coding: object[] } {
  return { coding: [{ system: `${CLINICAL}/${kind}-clinical`, code: 'active' }] }
}

function because(valueCode: string): { extension: { url: string; valueCode: string }[] } {
  return { extension: [{ url: REASON, valueCode }] }
}

/** Elements that IPS requires and the resource lacks, with the reason: it is not known. Nothing else is changed. */
export function missingElements(resource: Resource): Readonly<Record<string, unknown>> {
  const unknown = because('unknown')
  const lacks = (name: string): boolean => !Object.keys(resource).some((key) => key.replace(/^_/, '').startsWith(name))
  const time = (name: string): Record<string, unknown> => (lacks(name) ? { [`_${name}DateTime`]: unknown } : {})
  switch (resource.resourceType) {
    case 'Patient':
      return {
        ...(lacks('name') && { name: [{ _text: unknown }] }),
        ...(lacks('birthDate') && { _birthDate: unknown }),
      }
    case 'Practitioner':
      return lacks('name') ? { name: [{ _text: unknown }] } : {}
    case 'Organization':
      return lacks('name') ? { _name: unknown } : {}
    case 'DiagnosticReport':
    case 'MedicationStatement':
    case 'Observation':
      return time('effective')
    case 'DeviceUseStatement':
      return time('timing')
    case 'Procedure':
      return time('performed')
    default:
      return {}
  }
}
