/** Records of two patients, some of them entwined, and tokens for one of them. */
import type { Tokens } from './callers.ts'
import type { Sample } from './fhir-server.ts'

const staff = { account: 'a', person: 'Practitioner/d', representing: [], permissions: ['*.cruds'] }
export const tokens: Tokens = {
  all: { scope: 'patient/*.rs', patient: 'p1' },
  write: { scope: 'patient/*.cruds', patient: 'p1' },
  // a clinician with rights on everybody, in the context of one patient
  clinician: { scope: 'patient/*.rs openid', patient: 'p1', user: staff },
  second: { scope: 'patient/*.rs', patient: 'p2' },
  patientOnly: { scope: 'patient/Patient.rs', patient: 'p1' },
  observations: { scope: 'patient/Observation.rs', patient: 'p1' },
  staff: { scope: 'user/*.rs', user: staff },
  // may change less than see
  drafts: { scope: 'patient/Observation.rs patient/Observation.u?status=preliminary', patient: 'p1' },
}

export function reference(to: string): { reference: string } {
  return { reference: to }
}

export function observation(id: string, of: string, more: object = {}): Sample {
  return {
    ...{ resourceType: 'Observation', id, status: 'final', code: { coding: [{ system: 'urn:c', code: '1' }] } },
    ...{ subject: reference(`Patient/${of}`), valueQuantity: { value: of === 'p1' ? 1 : 2, unit: 'g' } },
    ...more,
  }
}

const person = (id: string, family: string, more: object = {}): Sample => ({
  ...{ resourceType: 'Patient', id, name: [{ family }], identifier: [{ system: 'urn:mrn', value: id }] },
  ...{ generalPractitioner: [reference('Practitioner/d')], ...more },
})

export const samples: readonly Sample[] = [
  person('p1', 'One'),
  person('p2', 'Two', { link: [{ other: reference('Patient/p1'), type: 'seealso' }] }),
  { resourceType: 'Practitioner', id: 'd', name: [{ family: 'Doc' }] },
  { resourceType: 'Organization', id: 'org', name: 'Clinic' },
  observation('o1', 'p1', { performer: [reference('Practitioner/d')], encounter: reference('Encounter/e1') }),
  observation('o2', 'p2', { encounter: reference('Encounter/e2') }),
  // about the second, noted in a visit of the first: not his
  observation('o3', 'p2', { encounter: reference('Encounter/e1') }),
  // his own, which leads to hers
  observation('o4', 'p1', { hasMember: [reference('Observation/o2')], derivedFrom: [reference('Observation/o3')] }),
  { resourceType: 'Encounter', id: 'e1', status: 'finished', class: { code: 'AMB' }, subject: reference('Patient/p1') },
  { resourceType: 'Encounter', id: 'e2', status: 'finished', class: { code: 'AMB' }, subject: reference('Patient/p2') },
  { resourceType: 'Task', id: 't1', status: 'ready', intent: 'order', for: reference('Patient/p1') },
  { resourceType: 'Task', id: 't2', status: 'ready', intent: 'order', for: reference('Patient/p2') },
  {
    ...{ resourceType: 'Group', id: 'both', type: 'person', actual: true },
    member: ['p1', 'p2'].map((id) => ({ entity: reference(`Patient/${id}`) })),
  },
  { resourceType: 'Group', id: 'one', type: 'person', actual: true, member: [{ entity: reference('Patient/p1') }] },
  {
    ...{ resourceType: 'List', id: 'mixed', status: 'current', mode: 'working', subject: reference('Patient/p1') },
    entry: [{ item: reference('Patient/p2') }],
  },
  {
    ...{ resourceType: 'Provenance', id: 'mixed', recorded: '2026-01-01T00:00:00Z' },
    target: [reference('Patient/p1'), reference('Patient/p2')],
    agent: [{ who: reference('Practitioner/d') }],
  },
  {
    ...{ resourceType: 'AuditEvent', id: 'mixed', recorded: '2026-01-01T00:00:00Z', type: { code: 'x' } },
    ...{
      agent: [{ who: reference('Patient/p2'), requestor: true }],
      source: { observer: reference('Organization/org') },
    },
    entity: [{ what: reference('Patient/p1') }],
  },
  {
    resourceType: 'Binary',
    id: 'b1',
    contentType: 'text/plain',
    securityContext: reference('Patient/p1'),
    data: 'eA==',
  },
  {
    resourceType: 'Binary',
    id: 'b2',
    contentType: 'text/plain',
    securityContext: reference('Patient/p2'),
    data: 'eA==',
  },
  { resourceType: 'Binary', id: 'b3', contentType: 'text/plain', data: 'eA==' },
  { resourceType: 'Linkage', id: 'l', item: [{ type: 'source', resource: reference('Patient/p1') }] },
]

/** Of the first patient, and shared. */
export const seen = ['Encounter/e1', 'Group/one', 'Observation/o1', 'Observation/o4', 'Patient/p1', 'Task/t1']
export const shared = ['Organization/org', 'Practitioner/d']
export const hidden = samples
  .map(({ resourceType, id }) => `${resourceType}/${id}`)
  .filter((name) => ![...seen, ...shared, 'Binary/b1'].includes(name))
