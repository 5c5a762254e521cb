import { expect, test } from '@jest/globals'
import type { ElementDefinition } from '@medplum/fhirtypes'
import { profiles } from '../support/definitions.ts'
import { BASE } from '../mapping/examples.ts'

function element(profile: string, id: string): ElementDefinition | undefined {
  const found = profiles.get(`${BASE}/StructureDefinition/${profile}`)
  return found?.differential?.element.find((each) => each.id === id)
}

test('the source identifier is there, and known by its system', () => {
  expect(element('hms-patient', 'Patient.identifier:patients')).toMatchObject({
    min: 1,
    patternIdentifier: { system: `${BASE}/sid/hms/patients` },
  })
  expect(element('hms-patient', 'Patient.identifier:users')).not.toHaveProperty('min')
})

test('a type without identifier carries the key as a tag', () => {
  expect(element('sop-case-milestone', 'Provenance.meta.tag:case_status_history')).toMatchObject({ min: 1 })
})

test('a constant that is always there is fixed', () => {
  expect(element('hms-patient', 'Patient.active')).toMatchObject({ min: 1, fixedBoolean: true })
})

test('a constant of one part of a split mapping is none of the whole', () => {
  expect(element('hms-measurement', 'Observation.code')).not.toHaveProperty('patternCodeableConcept')
  expect(element('hms-measurement', 'Observation.code.text')).not.toHaveProperty('fixedString')
})

test('codes are bound to those the table gives, and say which columns they come from', () => {
  expect(element('hms-patient', 'Patient.gender')).toMatchObject({
    binding: { strength: 'required', valueSet: `${BASE}/ValueSet/hms-gender` },
    mapping: [{ identity: 'hms', map: 'users.gender' }],
  })
})

test('one table that gives codes of two systems has a ValueSet of each', () => {
  const status = (profile: string, id: string) => element(profile, id)?.binding?.valueSet
  expect(status('hms-lab-result', 'Observation.status')).toBe(
    `${BASE}/ValueSet/hms-lab-result-status-observation-status`,
  )
  expect(status('hms-lab-report', 'DiagnosticReport.status')).toBe(
    `${BASE}/ValueSet/hms-lab-result-status-diagnostic-report-status`,
  )
})

test('a concept may be a word without a code', () => {
  expect(element('hms-patient', 'Patient.maritalStatus')).toMatchObject({ binding: { strength: 'extensible' } })
})

test('items are told apart by what they are known by', () => {
  expect(element('hms-patient', 'Patient.telecom')?.slicing?.discriminator).toEqual([{ type: 'value', path: 'system' }])
  expect(element('hms-patient', 'Patient.telecom:phone.system')).toMatchObject({ fixedCode: 'phone' })
  const components = element('qivr-vitals', 'Observation.component')
  expect(components?.slicing?.discriminator).toEqual([{ type: 'pattern', path: 'code' }])
})

test('a reference says the profile of what it points at', () => {
  expect(element('hms-appointment', 'Appointment.participant.actor')?.type).toEqual([
    {
      code: 'Reference',
      targetProfile: [`${BASE}/StructureDefinition/hms-patient`, `${BASE}/StructureDefinition/hms-practitioner`],
    },
  ])
})

test('what is read only says why', () => {
  expect(element('hms-patient', 'Patient.extension:source-gender')).toMatchObject({
    comment: 'Not written: the gender decides.',
    max: '1',
  })
})
