/**
 * When a resource tells of care: by which search parameters, of the types that say it. `start` and `end` of `$everything`
 * are about care, not about when it was written down (https://hl7.org/fhir/R4/operation-patient-everything.html).
 */
import type { DateRange } from '../../r4/dates.ts'
import type { Filter } from '../search/lookup.ts'

/** What happened, or was meant to, at a time. */
const events: Readonly<Record<string, string>> = {
  ...{ Account: 'period', AdverseEvent: 'date', Appointment: 'date', AuditEvent: 'date', CarePlan: 'date' },
  ...{ CareTeam: 'date', ChargeItem: 'occurrence entered-date', Claim: 'created', ClaimResponse: 'created' },
  ...{ ClinicalImpression: 'date', Communication: 'sent received', CommunicationRequest: 'occurrence authored' },
  ...{ Composition: 'date', CoverageEligibilityRequest: 'created', CoverageEligibilityResponse: 'created' },
  ...{ DetectedIssue: 'identified', DeviceRequest: 'event-date authored-on', DiagnosticReport: 'date' },
  ...{ DocumentManifest: 'created', DocumentReference: 'period date', Encounter: 'date', EpisodeOfCare: 'date' },
  ...{ ExplanationOfBenefit: 'created', ImagingStudy: 'started', Immunization: 'date', Invoice: 'date' },
  ...{ ImmunizationEvaluation: 'date', ImmunizationRecommendation: 'date', List: 'date', Media: 'created' },
  ...{ MedicationAdministration: 'effective-time', MedicationDispense: 'whenhandedover whenprepared' },
  ...{ MedicationRequest: 'authoredon date', MedicationStatement: 'effective', NutritionOrder: 'datetime' },
  ...{ Observation: 'date', Procedure: 'date', Provenance: 'when recorded', QuestionnaireResponse: 'authored' },
  ...{ RiskAssessment: 'date', Schedule: 'date', ServiceRequest: 'occurrence authored', Specimen: 'collected' },
  ...{ SupplyRequest: 'date', Task: 'period authored-on', VisionPrescription: 'datewritten' },
}

/** What lasts: it began then, and nothing says that it was over before the time asked for. */
const beginnings: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'onset date',
  Condition: 'onset-date recorded-date',
  Consent: 'date',
  Flag: 'date',
  Goal: 'start-date',
}

/** Half-open. */
export interface CareTime {
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

export function careTime(start: DateRange | undefined, end: DateRange | undefined): CareTime {
  return { ...(start && { from: start.l }), ...(end && { to: end.h }) }
}

/** Denies what is known to be of another time: what says no time may be of any. */
export function withinCareTime(tenant: string, { from, to }: CareTime): Filter {
  const before = to && { l: { $lt: to } }
  const after = from && { h: { $gt: from } }
  const outside = [
    ...groups(events).map((group) => missing(tenant, group, { ...before, ...after })),
    ...(before ? groups(beginnings).map((group) => missing(tenant, group, before)) : []),
  ]
  return { $nor: outside }
}

type Group = readonly [codes: string, types: readonly string[]]

function groups(table: Readonly<Record<string, string>>): Group[] {
  const byCodes = Map.groupBy(Object.entries(table), ([, codes]) => codes)
  return [...byCodes].map(([codes, entries]) => [codes, entries.map(([type]) => type)])
}

/** It has such dates, and none of them fits. */
function missing(tenant: string, [codes, types]: Group, fits: object): Filter {
  const p = { $in: codes.split(' ') }
  return {
    tt: { $in: types.map((type) => `${tenant}/${type}`) },
    d: { $elemMatch: { p } },
    $nor: [{ d: { $elemMatch: { p, ...fits } } }],
  }
}
