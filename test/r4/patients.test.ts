import { expect, test } from '@jest/globals'
import { patientsIn } from '../../src/r4/patients.ts'

const text = (resource: object): Buffer => Buffer.from(JSON.stringify(resource))
const reference = (id: string) => ({ reference: `Patient/${id}` })

test('a patient is their own, whoever else is named', () => {
  expect(patientsIn('Patient', 'p1', text({ resourceType: 'Patient', link: [{ other: reference('p2') }] }))).toEqual([
    'p1',
  ])
})

test('a resource that names one patient is of that one, with or without a version', () => {
  const subject = { reference: 'Patient/p1/_history/3' }
  expect(patientsIn('Observation', 'o', text({ resourceType: 'Observation', subject }))).toEqual(['p1'])
})

test('one that names several is of those in whose compartments it is', () => {
  const observation = { resourceType: 'Observation', subject: reference('p1'), performer: [reference('p2')] }
  const extension = [{ url: 'http://x', valueReference: reference('p3') }]
  expect(patientsIn('Observation', 'o', text({ ...observation, extension }))).toEqual(['p1', 'p2'])
})

test('what is in nobody’s compartment is of nobody', () => {
  expect(patientsIn('Practitioner', 'd', text({ resourceType: 'Practitioner', extension: [reference('p1')] }))).toEqual(
    [],
  )
})

test('a file is of whom its security context names', () => {
  expect(patientsIn('Binary', 'b', text({ resourceType: 'Binary', securityContext: reference('p1') }))).toEqual(['p1'])
})
