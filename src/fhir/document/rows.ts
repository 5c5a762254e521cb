/** A line of a section's table for a resource: what it is, what is said of it, when. */
import type {
  AllergyIntolerance,
  CarePlan,
  Condition,
  Consent,
  DeviceUseStatement,
  DiagnosticReport,
  Immunization,
  MedicationRequest,
  MedicationStatement,
  Observation,
  ObservationComponent,
  Procedure,
  Resource,
} from '@medplum/fhirtypes'
import { choiceText, conceptOrReference, conceptsText, conceptText, joined, periodText } from './words.ts'
import { quantityText, referenceText } from './words.ts'
import type { Resolve } from './words.ts'

export type Row = readonly [what: string, details: string, time: string]

/** Of the types that sections have; any other is named by its type. */
export function rowOf(resource: Resource, resolve: Resolve): Row {
  const { resourceType: type } = resource
  return Object.hasOwn(rows, type)
    ? (rows[type] as (of: Resource, resolve: Resolve) => Row)(resource, resolve)
    : [type, '', '']
}

const rows: Readonly<Record<string, (resource: never, resolve: Resolve) => Row>> = {
  AllergyIntolerance: (allergy: AllergyIntolerance) => [
    conceptText(allergy.code),
    joined([
      allergy.criticality,
      conceptText(allergy.verificationStatus),
      ...(allergy.reaction ?? []).map((each) => joined([conceptsText(each.manifestation), each.severity], ' ')),
    ]),
    choiceText(allergy, 'onset') || (allergy.recordedDate ?? ''),
  ],
  CarePlan: ({ title, category, description, status, period }: CarePlan) => [
    title ?? conceptsText(category),
    joined([description, status]),
    period ? periodText(period) : '',
  ],
  Condition: (condition: Condition) => [
    conceptText(condition.code),
    joined([conceptText(condition.clinicalStatus), conceptText(condition.severity), conceptsText(condition.bodySite)]),
    choiceText(condition, 'onset') || (condition.recordedDate ?? ''),
  ],
  Consent: ({ category, status, dateTime }: Consent) => [conceptsText(category), status, dateTime ?? ''],
  DeviceUseStatement: (use: DeviceUseStatement, resolve) => [
    referenceText(use.device, resolve),
    joined([use.status, conceptText(use.bodySite)]),
    choiceText(use, 'timing'),
  ],
  DiagnosticReport: (report: DiagnosticReport) => [
    conceptText(report.code),
    joined([report.conclusion, conceptsText(report.conclusionCode)]),
    choiceText(report, 'effective') || (report.issued ?? ''),
  ],
  Immunization: (immunization: Immunization) => [
    conceptText(immunization.vaccineCode),
    joined([immunization.lotNumber, conceptText(immunization.site)]),
    choiceText(immunization, 'occurrence'),
  ],
  MedicationRequest: (request: MedicationRequest, resolve) => [
    conceptOrReference(request, 'medication', resolve),
    joined([...(request.dosageInstruction ?? []).map(({ text }) => text), request.status]),
    request.authoredOn ?? '',
  ],
  MedicationStatement: (statement: MedicationStatement, resolve) => [
    conceptOrReference(statement, 'medication', resolve),
    joined([...(statement.dosage ?? []).map(({ text }) => text), statement.status]),
    choiceText(statement, 'effective'),
  ],
  Observation: (observation: Observation) => [
    conceptText(observation.code),
    observationText(observation),
    choiceText(observation, 'effective') || (observation.issued ?? ''),
  ],
  Procedure: (procedure: Procedure) => [
    conceptText(procedure.code),
    joined([procedure.status, conceptsText(procedure.bodySite), conceptText(procedure.outcome)]),
    choiceText(procedure, 'performed'),
  ],
}

function observationText(observation: Observation): string {
  const { interpretation, component = [], referenceRange = [] } = observation
  const ranges = referenceRange.map(
    ({ text, low, high }) => text ?? joined([low && quantityText(low), high && quantityText(high)], ' – '),
  )
  return joined([
    valueText(observation),
    ...component.map((each) => joined([conceptText(each.code), valueText(each)], ' ')),
    conceptsText(interpretation),
    ...ranges.map((range) => (range === '' ? '' : `[${range}]`)),
  ])
}

function valueText(element: Observation | ObservationComponent): string {
  return choiceText(element, 'value') || conceptText(element.dataAbsentReason)
}
