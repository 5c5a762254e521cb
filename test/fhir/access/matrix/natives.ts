/** Resources of the gateway's own beside the demo content: each version that was stored, in its order. */
import type { PutOptions, Sample } from '../../../support/fhir-server.ts'
import { observation, reference, samples } from '../../../support/two-patients.ts'

interface Native extends PutOptions {
  readonly sample: Sample
}

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'

function categorised(id: string, of: string, category: string, more: object = {}): Sample {
  return observation(id, of, { category: [{ coding: [{ system: CATEGORY, code: category }] }], ...more })
}

function native(sample: Sample, options: PutOptions = {}): Native {
  return { sample, ...options }
}

/** First of one patient, then of the other; and such as were deleted as somebody's. */
const moved = [
  native(observation('moved', 'p2')),
  native(observation('moved', 'p1', { status: 'corrected' })),
  native(observation('lost', 'p1')),
  native(observation('lost', 'p2', { status: 'corrected' })),
  native(observation('ended', 'p1')),
  native(observation('ended', 'p1'), { deleted: true }),
  native(observation('ended2', 'p2')),
  native(observation('ended2', 'p2'), { deleted: true }),
  native(observation('revived', 'p2')),
  native(observation('revived', 'p2'), { deleted: true }),
  native(observation('revived', 'p1')),
]

const labelled = [
  native(categorised('lab', 'p1', 'laboratory')),
  native(categorised('lab2', 'p2', 'laboratory')),
  native(categorised('vital', 'p1', 'vital-signs', { hasMember: [reference('Observation/lab')] })),
  native(categorised('survey', 'p1', 'survey', { derivedFrom: [reference('Observation/vital')] })),
  // the same code of another system is another code
  native(observation('other', 'p1', { category: [{ coding: [{ system: 'urn:other', code: 'laboratory' }] }] })),
  native(categorised('turned', 'p1', 'vital-signs')),
  native(categorised('turned', 'p1', 'laboratory')),
  native(categorised('left', 'p1', 'laboratory')),
  native(categorised('left', 'p1', 'vital-signs')),
]

/** Of several by their nature, and what names somebody by an absolute address. */
const several: readonly Sample[] = [
  {
    ...{ resourceType: 'Appointment', id: 'two', status: 'booked' },
    participant: ['p1', 'p2'].map((id) => ({ actor: reference(`Patient/${id}`), status: 'accepted' })),
  },
  {
    ...{ resourceType: 'Appointment', id: 'one', status: 'booked' },
    participant: [{ actor: reference('Patient/p1'), status: 'accepted' }],
  },
  {
    ...{ resourceType: 'Communication', id: 'between', status: 'completed', subject: reference('Patient/p1') },
    recipient: [reference('Patient/p2')],
  },
  {
    ...{ resourceType: 'Communication', id: 'abroad', status: 'completed', subject: reference('Patient/p1') },
    recipient: [reference('https://elsewhere.example/fhir/Patient/p9')],
  },
  { resourceType: 'Schedule', id: 'hers', actor: [reference('Patient/p2'), reference('Practitioner/d')] },
  { resourceType: 'Schedule', id: 'his', actor: [reference('Patient/p1'), reference('Practitioner/d')] },
  { resourceType: 'Schedule', id: 'open', actor: [reference('Practitioner/d')] },
  { resourceType: 'Person', id: 'both', link: ['p1', 'p2'].map((id) => ({ target: reference(`Patient/${id}`) })) },
  { resourceType: 'Person', id: 'one', link: [{ target: reference('Patient/p1') }] },
  { resourceType: 'RelatedPerson', id: 'mother', patient: reference('Patient/p2') },
  { resourceType: 'Device', id: 'pump', patient: reference('Patient/p1') },
  { resourceType: 'Device', id: 'pump2', patient: reference('Patient/p2') },
  { resourceType: 'Condition', id: 'c1', subject: reference('Patient/p1'), code: { text: 'x' } },
  { resourceType: 'Condition', id: 'c2', subject: reference('Patient/p2'), asserter: reference('Patient/p1') },
  { resourceType: 'Condition', id: 'abroad', subject: reference('https://elsewhere.example/fhir/Patient/p1') },
  {
    ...{ resourceType: 'Basic', id: 'contained', code: { text: 'x' }, subject: reference('#p') },
    contained: [{ resourceType: 'Patient', id: 'p', name: [{ family: 'One' }] }],
  },
  { resourceType: 'Bundle', id: 'b', type: 'collection', entry: [{ resource: { resourceType: 'Patient' } }] },
  {
    ...{ resourceType: 'Slot', id: 'free', status: 'free', schedule: reference('Schedule/open') },
    ...{ start: '2026-01-01T09:00:00Z', end: '2026-01-01T09:30:00Z' },
  },
]

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

function marked(id: string, of: string, code: string): Sample {
  return observation(id, of, { meta: { security: [{ system: CONFIDENTIALITY, code }] } })
}

/** Of whom some is denied by Consents: `p3` by type and by code to everybody, `p4` all to one practitioner. */
const guarded: readonly Sample[] = [
  ...['p3', 'p4'].map((id) => ({ resourceType: 'Patient', id, name: [{ family: 'Guarded' }] })),
  observation('o5', 'p3'),
  observation('o6', 'p4'),
  categorised('lab3', 'p3', 'laboratory'),
  // leads from a record that is open into those
  observation('leads', 'p1', { hasMember: ['o6', 'lab3', 'o5'].map((id) => reference(`Observation/${id}`)) }),
  marked('restricted', 'p4', 'R'),
  marked('secret', 'p4', 'V'),
  { resourceType: 'Condition', id: 'c3', subject: reference('Patient/p3'), code: { text: 'x' } },
  { resourceType: 'Condition', id: 'c4', subject: reference('Patient/p4'), code: { text: 'x' } },
  {
    ...{ resourceType: 'Appointment', id: 'four', status: 'booked' },
    participant: ['p1', 'p4'].map((id) => ({ actor: reference(`Patient/${id}`), status: 'accepted' })),
  },
]

interface Denying extends Sample {
  readonly patient: { readonly reference: string }
  readonly provision: Provision
}

interface Provision {
  readonly type: 'deny'
  readonly period?: { readonly start?: string; readonly end?: string }
  readonly actor?: readonly { readonly role: object; readonly reference: { readonly reference: string } }[]
  readonly class?: readonly { readonly system: string; readonly code: string }[]
  readonly code?: readonly { readonly coding: readonly { readonly system: string; readonly code: string }[] }[]
}

/** Whom one of the Consents names. */
export const DENIED = 'Practitioner/hms-1b2df9a8-7a97-4986-a052-545621d73e6a'

export const consents: readonly Denying[] = [
  denying('of-type', 'p3', { class: typed('Condition') }),
  denying('of-code', 'p3', {
    class: typed('Observation'),
    code: [{ coding: [{ system: CATEGORY, code: 'laboratory' }] }],
    period: { start: '2020-01-01', end: '2999-12-31' },
  }),
  denying('over', 'p3', { period: { end: '2020-01-01' } }),
  denying('to-one', 'p4', { actor: [{ role: { text: 'x' }, reference: { reference: DENIED } }] }),
]

function typed(code: string): NonNullable<Provision['class']> {
  return [{ system: 'http://hl7.org/fhir/resource-types', code }]
}

function denying(id: string, of: string, provision: Omit<Provision, 'type'>): Denying {
  return {
    ...{ resourceType: 'Consent', id, status: 'active', patient: { reference: `Patient/${of}` } },
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    provision: { type: 'deny', ...provision },
  }
}

export const natives: readonly Native[] = [
  ...[...samples, ...several, ...guarded, ...consents].map((sample) => native(sample)),
  ...moved,
  ...labelled,
]
