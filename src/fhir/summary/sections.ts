/**
 * The sections of an International Patient Summary (IPS 1.1.0, Composition-uv-ips) and what belongs in each. Rules are asked
 * of the patient's own resources; what belongs nowhere is no part of a summary.
 */
import type {
  AllergyIntolerance,
  CarePlan,
  CodeableConcept,
  Condition,
  Consent,
  DeviceUseStatement,
  DiagnosticReport,
  Immunization,
  MedicationRequest,
  MedicationStatement,
  Observation,
  Procedure,
  Resource,
} from '@medplum/fhirtypes'

export type SectionKey = (typeof sections)[number]['key']

export interface Section {
  readonly key: string
  /** LOINC */
  readonly code: string
  readonly display: string
  /** there also without an entry: then it says that nothing is known */
  readonly required?: true
  /** IPS asks for an entry that conforms to its profile */
  readonly conforming?: true
  /** of values, the newest of each code */
  readonly newest?: true
}

const NEEDED = { required: true } as const

/** In the order of IPS. The last is not of IPS: a diagnosis whose state nobody recorded is no problem that lasts, nor over. */
export const sections = [
  {
    key: 'allergies',
    code: '48765-2',
    display: 'Allergies and adverse reactions Document',
    ...NEEDED,
    conforming: true,
  },
  { key: 'problems', code: '11450-4', display: 'Problem list - Reported', ...NEEDED, conforming: true },
  { key: 'medications', code: '10160-0', display: 'History of Medication use Narrative', ...NEEDED },
  { key: 'immunizations', code: '11369-6', display: 'History of Immunization Narrative', conforming: true },
  { key: 'results', code: '30954-2', display: 'Relevant diagnostic tests/laboratory data Narrative', newest: true },
  { key: 'procedures', code: '47519-4', display: 'History of Procedures Document', conforming: true },
  { key: 'devices', code: '46264-8', display: 'History of medical device use', conforming: true },
  { key: 'vitalSigns', code: '8716-3', display: 'Vital signs', newest: true },
  { key: 'pastIllness', code: '11348-0', display: 'History of Past illness Narrative', conforming: true },
  { key: 'pregnancy', code: '10162-6', display: 'History of pregnancies Narrative', newest: true },
  { key: 'socialHistory', code: '29762-2', display: 'Social history Narrative', newest: true },
  { key: 'plan', code: '18776-5', display: 'Plan of care note' },
  { key: 'directives', code: '42348-3', display: 'Advance directives' },
  { key: 'diagnoses', code: '29308-4', display: 'Diagnosis' },
] as const satisfies readonly Section[]

/** Which types are looked at. */
export const summaryTypes: readonly string[] = [
  ...[
    'AllergyIntolerance',
    'CarePlan',
    'Condition',
    'Consent',
    'DeviceUseStatement',
    'DiagnosticReport',
    'Immunization',
  ],
  ...['MedicationRequest', 'MedicationStatement', 'Observation', 'Procedure'],
]

export function sectionOf(resource: Resource): SectionKey | undefined {
  const { resourceType: type } = resource
  return Object.hasOwn(rules, type) ? (rules[type] as (of: Resource) => SectionKey | undefined)(resource) : undefined
}

const REFUTED = ['entered-in-error', 'refuted']
const VALID = ['final', 'amended', 'corrected', 'appended']

const rules: Readonly<Record<string, (resource: never) => SectionKey | undefined>> = {
  AllergyIntolerance: ({ clinicalStatus, verificationStatus }: AllergyIntolerance) => {
    const isOver = has(clinicalStatus, 'inactive', 'resolved') || has(verificationStatus, ...REFUTED)
    return isOver ? undefined : 'allergies'
  },
  CarePlan: ({ status }: CarePlan) => (status === 'active' ? 'plan' : undefined),
  Condition: ({ clinicalStatus, verificationStatus }: Condition) => {
    if (has(verificationStatus, ...REFUTED)) return undefined
    if (has(clinicalStatus, 'active', 'recurrence', 'relapse')) return 'problems'
    return has(clinicalStatus, 'inactive', 'remission', 'resolved') ? 'pastIllness' : 'diagnoses'
  },
  Consent: ({ status, scope }: Consent) => (status === 'active' && has(scope, 'adr') ? 'directives' : undefined),
  DeviceUseStatement: ({ status }: DeviceUseStatement) =>
    ['entered-in-error', 'intended'].includes(status ?? '') ? undefined : 'devices',
  DiagnosticReport: ({ status }: DiagnosticReport) => (VALID.includes(status ?? '') ? 'results' : undefined),
  Immunization: ({ status }: Immunization) => (status === 'completed' ? 'immunizations' : undefined),
  MedicationRequest: ({ status, intent, doNotPerform }: MedicationRequest) => {
    const isOrder = !['proposal', 'plan', 'option'].includes(intent ?? '') && doNotPerform !== true
    return isOrder && ['active', 'on-hold', 'unknown'].includes(status ?? '') ? 'medications' : undefined
  },
  MedicationStatement: ({ status }: MedicationStatement) =>
    ['active', 'intended', 'on-hold', 'unknown'].includes(status ?? '') ? 'medications' : undefined,
  Observation: (observation: Observation) =>
    VALID.includes(observation.status ?? '') ? sectionOfObservation(observation) : undefined,
  Procedure: ({ status }: Procedure) =>
    ['entered-in-error', 'not-done', 'preparation'].includes(status ?? '') ? undefined : 'procedures',
}

/** Status, estimated date of delivery, outcomes (IPS value sets pregnancies-summary and edd-method). */
const PREGNANCY = [
  ...['82810-3', '11778-8', '11779-6', '11780-4', '11636-8', '11637-6', '11638-4', '11639-2', '11640-0'],
  ...['11612-9', '11613-7', '11614-5', '33065-4'],
]
/** Tobacco, alcohol. */
const HABITS = ['72166-2', '74013-4']

function sectionOfObservation({ code, category = [] }: Observation): SectionKey | undefined {
  const is = (...codes: readonly string[]): boolean => category.some((each) => has(each, ...codes))
  if (has(code, ...PREGNANCY)) return 'pregnancy'
  if (has(code, ...HABITS) || is('social-history')) return 'socialHistory'
  if (is('vital-signs')) return 'vitalSigns'
  return is('laboratory', 'imaging') ? 'results' : undefined
}

export function has(concept: CodeableConcept | undefined, ...codes: readonly string[]): boolean {
  return (concept?.coding ?? []).some(({ code }) => code !== undefined && codes.includes(code))
}
