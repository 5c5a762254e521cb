/** What the first rows of creates in Qivr hold, where the mapping alone cannot be read off an example. */
import { expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { NotStorableError } from '../../src/mapping/errors.ts'
import type { Lens, LensContext, Row, Rows } from '../../src/mapping/lens.ts'
import { BASE, loaded } from './examples.ts'

const PATIENT = { reference: 'Patient/qivr-u-1' }
const context: LensContext = { base: BASE, timeZone: 'UTC', has: () => true, warn: () => undefined }

function lensOf(name: string): Lens {
  const lenses = loaded.systems.flatMap((system) => system.lenses)
  return lenses.find((each) => each.name === `qivr/${name}`) as Lens
}

/** The rows a create makes of blank ones. */
function created(name: string, sent: object, blank: Rows): Rows {
  const lens = lensOf(name)
  return lens.put(lens.blank(lens.slots[0] ?? '', blank), sent as Resource, context)
}

test('an end that was sent is stored, even where it is the one that would be assumed', () => {
  const start = '2026-03-01T10:00:00Z'
  const sent = {
    resourceType: 'Appointment',
    status: 'booked',
    start,
    end: '2026-03-01T10:30:00Z',
    participant: [{ actor: PATIENT, status: 'needs-action' }],
  }
  expect(created('appointment', sent, { a: {} })['a']).toMatchObject({
    status: 'scheduled',
    scheduled_start: start,
    scheduled_end: '2026-03-01T10:30:00Z',
  })
})

test('the account of a new patient has the name, phone and email of the patient', () => {
  const sent = {
    resourceType: 'Patient',
    name: [{ family: 'New', given: ['Nia'] }],
    telecom: [
      { system: 'phone', value: '0400 000 001' },
      { system: 'email', value: 'nia@example.org' },
    ],
  }
  const person = { first_name: 'Nia', last_name: 'New', phone: '0400 000 001', email: 'nia@example.org' }
  const rows = created('patient', sent, { u: { role: 'patient' }, p: {}, r: {} })
  expect(rows).toMatchObject({ u: { ...person, role: 'patient' }, p: person, r: {} })
})

test('an answer to a form is stored as the form stores it, and the form is found by its URL', () => {
  const form = { id: 'f-1', tenant_id: 't-1', key: 'ndi', version: 1 }
  const questions = [{ id: 'ndi_1', type: 'radio', options: [{ value: 0, label: 'None' }] }]
  const sent = {
    resourceType: 'QuestionnaireResponse',
    status: 'in-progress',
    questionnaire: `${BASE}/Questionnaire/qivr-t-1-ndi`,
    subject: PATIENT,
    item: [{ linkId: 'ndi_1', answer: [{ valueCoding: { code: '0' } }] }],
  }
  const all: Row[] = [
    { ...form, questions },
    { ...form, id: 'f-0', version: 0, questions: [] },
  ]
  expect(created('prom-response', sent, { p: { status: 'pending' }, all })['p']).toEqual({
    status: 'pending',
    template_id: 'f-1',
    patient_id: 'u-1',
    responses: { ndi_1: 0 },
  })
})

test('a submission that somebody sends in is pending until Qivr has processed it', () => {
  const item = [{ linkId: 'pain-level', answer: [{ valueInteger: 0 }] }]
  const sent = { resourceType: 'QuestionnaireResponse', status: 'completed', item }
  const row = created('intake-submission', sent, { s: { status: 'pending' } })['s']
  expect(row).toEqual({ status: 'pending', pain_level: 0 })
})

test('an entry of the waiting list is taken by its status, any other appointment by the calendar', () => {
  const takes = (status: string): boolean[] =>
    ['waitlist', 'appointment'].map((name) => lensOf(name).writes.accepts({ resourceType: 'Appointment', status }))
  expect([takes('waitlist'), takes('booked')]).toEqual([
    [true, false],
    [false, true],
  ])
})

test('answers go to the form they name, to the evaluation of whom they are about, or to what nobody is known of yet', () => {
  const taking = (sent: object): string[] =>
    ['evaluation', 'prom-response', 'intake-submission'].filter((name) => lensOf(name).writes.accepts(sent))
  expect(taking({ subject: PATIENT })).toEqual(['evaluation'])
  expect(taking({ subject: PATIENT, questionnaire: 'https://a.example/q' })).toEqual(['prom-response'])
  expect(taking({ item: [{ linkId: 'severity' }] })).toEqual(['intake-submission'])
})

test('what a row is about must be there: the vaccine in words, the evaluation of a pain', () => {
  const check = (name: string, alias: string, row: Row) => (): void => {
    lensOf(name).writes.assertAllowed(undefined, { [alias]: row })
  }
  expect(check('immunization', 'i', { patient_id: 'u-1', vaccine: 'Influenza' })).not.toThrow()
  expect(check('immunization', 'i', { patient_id: 'u-1' })).toThrow(NotStorableError)
  expect(check('pain-map', 'm', { intensity: 3 })).toThrow(NotStorableError)
})
