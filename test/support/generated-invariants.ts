/**
 * Invariants of R4 between elements of one object: an object that was made without knowing them is mended, by leaving
 * out what may not stand beside what is there, or adding the least that must.
 */
import { dateRange } from '../../src/r4/dates.ts'
import { numberOf } from '../../src/r4/json.ts'

export type Json = Record<string, unknown>
type Mend = (it: Json) => void

/** The object with the invariants of its type kept. */
export function mended(type: string, made: Json): Json {
  const it = { ...made }
  for (const mend of invariants[type] ?? []) mend(it)
  return it
}

const someone = { reference: 'Patient/g0' }
const something = { text: 'x' }

const invariants: Readonly<Record<string, readonly Mend[]>> = {
  Age: [measuredIn('a'), positive('value')],
  Attachment: [goesWith('hash', 'title', 'x'), leave('hash'), goesWith('data', 'contentType', 'text/plain')],
  ContactPoint: [goesWith('value', 'system', 'phone')],
  Count: [measuredIn('1'), (it) => Object.assign(it, 'value' in it && { value: 3 })],
  'DataRequirement.codeFilter': [leave('searchParam'), oneOf(['path'], 'a')],
  'DataRequirement.dateFilter': [leave('searchParam'), oneOf(['path'], 'a')],
  Distance: [measuredIn('km')],
  Duration: [measuredIn('h')],
  Expression: [oneOf(['expression', 'reference'], 'true')],
  Period: [inOrder('start', 'end')],
  Quantity: [needs('code', 'system')],
  Ratio: [
    needs('numerator', 'denominator'),
    needs('denominator', 'numerator'),
    oneOf(['numerator'], { value: 1 }),
    oneOf(['denominator'], { value: 2 }),
  ],
  'Timing.repeat': [
    needs('duration', 'durationUnit'),
    needs('durationMax', 'duration'),
    needs('period', 'periodUnit'),
    needs('periodMax', 'period'),
    needs('countMax', 'count'),
    positive('duration'),
    positive('period'),
    leave('offset'),
    apart('when', 'timeOfDay'),
    (it) => Object.assign(it, Object.keys(it).length === 0 && { count: 1 }),
  ],
  TriggerDefinition: [
    leave('data', 'condition'),
    (it) => Object.assign(it, { type: 'named-event' }),
    oneOf(['name'], 'x'),
  ],

  Appointment: [
    needs('start', 'end'),
    needs('end', 'start'),
    leave('cancelationReason'),
    (it) => Object.assign(it, { status: 'proposed' }),
  ],
  'Appointment.participant': [oneOf(['actor', 'type'], someone)],
  AppointmentResponse: [oneOf(['actor', 'participantType'], someone)],
  'AuditEvent.entity': [apart('name', 'query')],
  Bundle: [leave('total'), (it) => Object.assign(it, { type: 'collection' })],
  'Bundle.entry': [
    leave('search', 'request', 'response', 'fullUrl'),
    oneOf(['resource'], { resourceType: 'Basic', code: something }),
  ],
  'CarePlan.activity': [apart('reference', 'detail')],
  'Composition.section': [oneOf(['entry', 'text', 'section'], [someone]), apart('entry', 'emptyReason')],
  'Condition.evidence': [oneOf(['code', 'detail'], [something])],
  'Condition.stage': [oneOf(['summary', 'assessment'], something)],
  Consent: [oneOf(['policyRule', 'policy'], something), oneOf(['patient'], someone)],
  Group: [(it) => Object.assign(it, { actual: true })],
  'Immunization.education': [oneOf(['documentType', 'reference'], 'x')],
  InsurancePlan: [oneOf(['name', 'identifier'], 'x')],
  List: [apart('entry', 'emptyReason')],
  'List.entry': [leave('deleted', 'date')],
  MedicationDispense: [inOrder('whenPrepared', 'whenHandedOver')],
  'MessageDefinition.focus': [(it) => Object.assign(it, { max: '*' })],
  MolecularSequence: [(it) => Object.assign(it, { coordinateSystem: 1 })],
  Observation: [(it) => Object.keys(it).some((name) => /^_?value/.test(name)) && leave('dataAbsentReason')(it)],
  'Observation.referenceRange': [oneOf(['text', 'low', 'high'], 'x')],
  Organization: [oneOf(['name', 'identifier'], 'x')],
  'Parameters.parameter': [
    leave('part', 'resource'),
    (it) => Object.keys(it).some((name) => /^_?value/.test(name)) || Object.assign(it, { valueString: 'x' }),
  ],
  'Patient.contact': [oneOf(['name', 'telecom', 'address', 'organization'], something)],
  'QuestionnaireResponse.item': [apart('answer', 'item')],
  SearchParameter: [needs('xpath', 'xpathUsage'), leave('chain')],
  ServiceRequest: [needs('orderDetail', 'code')],
  Task: [inOrder('authoredOn', 'lastModified')],
  'ValueSet.compose.include': [
    oneOf(['system', 'valueSet'], 'urn:example:a'),
    needs('concept', 'system'),
    needs('filter', 'system'),
    apart('concept', 'filter'),
  ],
}

function leave(...names: readonly string[]): Mend {
  return (it) => {
    for (const name of names) {
      Reflect.deleteProperty(it, name)
      Reflect.deleteProperty(it, `_${name}`)
    }
  }
}

function needs(name: string, other: string): Mend {
  return (it) => {
    if (!(other in it)) leave(name)(it)
  }
}

function goesWith(name: string, other: string, value: unknown): Mend {
  return (it) => {
    if (name in it || `_${name}` in it) it[other] ??= value
  }
}

function apart(name: string, other: string): Mend {
  return (it) => {
    if (name in it) leave(other)(it)
  }
}

/** The first of the names gets the value when none is there. */
function oneOf(names: readonly [string, ...string[]], value: unknown): Mend {
  return (it) => {
    if (!names.some((name) => name in it)) it[names[0]] = value
  }
}

function measuredIn(code: string): Mend {
  return (it) => {
    leave('system', 'code')(it)
    if ('value' in it) Object.assign(it, { system: 'http://unitsofmeasure.org', code })
  }
}

function positive(name: string): Mend {
  return (it) => {
    const number = numberOf(it[name])
    if (number !== undefined && number <= 0) it[name] = 1
  }
}

function inOrder(first: string, last: string): Mend {
  return (it) => {
    const [start, end] = [first, last].map((name) => (typeof it[name] === 'string' ? dateRange(it[name]) : undefined))
    if (start && end && start.l >= end.l) leave(last)(it)
  }
}
