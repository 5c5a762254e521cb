/**
 * Which resources are of some patients, as R4's CompartmentDefinition says (src/r4/compartments.ts), and what is shared by
 * all patients. Said of references as they are written relative to the server: what names a patient by an absolute address
 * is nobody's.
 */
import { compartmentParameters } from '../r4/compartments.ts'
import { uriKey } from '../r4/keys/text.ts'
import { searchParametersOf } from '../r4/search-parameters.ts'
import type { Banned, KeyTest } from './key-test.ts'

/**
 * About several people by their nature. Other types name a second patient as who reported, did or pays for something in
 * the record of the first; these would tell of the other one: they are read by who may see all patients they name.
 */
const OF_SEVERAL = new Set([
  ...['Appointment', 'AuditEvent', 'Communication', 'CommunicationRequest', 'Group', 'List', 'Person', 'Provenance'],
  'Schedule',
])

/** R4's compartment leaves implants out; whose they are is said all the same (US Core asks for them by patient). */
const ALSO: Readonly<Record<string, readonly string[]>> = { Device: ['patient'] }

/**
 * In nobody's compartment, and needed to understand what is in one: who, where and with what; what is offered; definitions
 * and terminology. Not among them: messages, Bundles and Parameters (which may hold anything), Contract, GuidanceResponse,
 * payments, Linkage, VerificationResult, Subscription and studies, which tell of people or of the server's own affairs.
 */
const SHARED = new Set([
  ...['Endpoint', 'HealthcareService', 'InsurancePlan', 'Location', 'Organization', 'OrganizationAffiliation'],
  ...[
    'Practitioner',
    'PractitionerRole',
    'Schedule',
    'Slot',
    'CatalogEntry',
    'DeviceDefinition',
    'ChargeItemDefinition',
  ],
  ...['Medication', 'MedicationKnowledge', 'Substance', 'SubstanceSpecification', 'ObservationDefinition'],
  ...['SpecimenDefinition', 'ActivityDefinition', 'EventDefinition', 'Library', 'Measure', 'PlanDefinition'],
  ...['Questionnaire', 'CapabilityStatement', 'CodeSystem', 'CompartmentDefinition', 'ConceptMap', 'GraphDefinition'],
  ...['ImplementationGuide', 'MessageDefinition', 'NamingSystem', 'OperationDefinition', 'SearchParameter'],
  ...['StructureDefinition', 'StructureMap', 'TerminologyCapabilities', 'ValueSet'],
])

/** Any of them: what of the type is in the compartments of these patients, or shared where it is for reading. */
export function patientTests(type: string, patients: readonly string[], isReading: boolean): KeyTest[] {
  if (patients.length === 0) return []
  const names = patients.map((id) => `Patient/${id}`)
  // `link` would open the record of another patient
  if (type === 'Patient') return [{ names, some: [], none: [] }]
  const none = OF_SEVERAL.has(type) ? othersThan(type, names) : []
  const keys = keysOfRecords(type, names)
  return [
    ...(keys.length > 0 ? [{ some: [keys], few: true as const, none }] : []),
    ...(isReading && SHARED.has(type) ? [{ some: [], none }] : []),
  ]
}

/** Any of them: what of the type is in the compartment of one of these patients, whoever else it names. */
export function recordTests(type: string, patients: readonly string[]): KeyTest[] {
  const names = patients.map((id) => `Patient/${id}`)
  if (type === 'Patient') return [{ names, some: [], none: [] }]
  const keys = keysOfRecords(type, names)
  return keys.length > 0 ? [{ some: [keys], none: [] }] : []
}

function keysOfRecords(type: string, names: readonly string[]): string[] {
  const codes = [...compartmentParameters('Patient', type), ...(ALSO[type] ?? [])]
  return codes.flatMap((code) => names.map((name) => uriKey(code, name)))
}

/** No other patient of this server, and nobody by an absolute address. `0` comes after `/`, `q` after `p`. */
function othersThan(type: string, names: readonly string[]): Banned[] {
  const references = [...searchParametersOf(type).values()].filter((each) => each.target?.includes('Patient'))
  return references.flatMap(({ code }) => [
    { from: uriKey(code, 'Patient/'), to: uriKey(code, 'Patient0'), except: names.map((name) => uriKey(code, name)) },
    { from: uriKey(code, 'http'), to: uriKey(code, 'httq'), except: [] },
  ])
}
