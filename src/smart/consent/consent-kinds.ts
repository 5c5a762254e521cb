/** What can be kept of records instead of all: categories of a type (those of US Core, and those that the mappings give), or single types. */

const OBSERVATION = 'http://terminology.hl7.org/CodeSystem/observation-category'
const CONDITION = 'http://terminology.hl7.org/CodeSystem/condition-category'
const REPORT = 'http://terminology.hl7.org/CodeSystem/v2-0074'
const US_CORE = 'http://hl7.org/fhir/us/core/CodeSystem'

const observationKinds = [
  'laboratory',
  'vital-signs',
  'social-history',
  'survey',
  'imaging',
  'procedure',
  'exam',
  'therapy',
  'activity',
]

const categories: Readonly<Record<string, readonly string[] | undefined>> = {
  Observation: observationKinds.map((code) => `${OBSERVATION}|${code}`),
  Condition: [
    `${CONDITION}|problem-list-item`,
    `${CONDITION}|encounter-diagnosis`,
    `${US_CORE}/condition-category|health-concern`,
  ],
  DiagnosticReport: [`${REPORT}|LAB`, `${REPORT}|RAD`],
  DocumentReference: [`${US_CORE}/us-core-documentreference-category|clinical-note`],
}

/** As values of the search parameter `category`. */
export function categoriesOf(type: string): readonly string[] {
  return categories[type] ?? []
}

/** What "all types" can be narrowed to: the types that a record of a patient is made of. */
export const narrowTypes: readonly string[] = [
  ...['Patient', 'Condition', 'Observation', 'AllergyIntolerance', 'MedicationRequest', 'MedicationStatement'],
  ...['MedicationDispense', 'MedicationAdministration', 'Immunization', 'Procedure', 'DiagnosticReport'],
  ...['DocumentReference', 'Binary', 'Encounter', 'EpisodeOfCare', 'CarePlan', 'CareTeam', 'Goal', 'ServiceRequest'],
  ...['ImagingStudy', 'Specimen', 'Device', 'FamilyMemberHistory', 'QuestionnaireResponse', 'Appointment'],
  ...['Communication', 'Consent', 'Coverage', 'Claim', 'Invoice', 'RelatedPerson', 'Task', 'Provenance'],
  ...['Medication', 'Practitioner', 'PractitionerRole', 'Organization', 'Location'],
]
