import { expect, test } from '@jest/globals'
import { parseReference } from '../../src/r4/references.ts'

test('references are taken apart', () => {
  expect(parseReference('Patient/1')).toEqual({ base: '', type: 'Patient', id: '1' })
  expect(parseReference('Patient/1/_history/2')).toEqual({ base: '', type: 'Patient', id: '1', version: '2' })
  expect(parseReference('https://a.example/fhir/Patient/1')).toEqual({
    base: 'https://a.example/fhir/',
    type: 'Patient',
    id: '1',
  })
})

test.each([
  '#p',
  'urn:uuid:1',
  'Nonsense/1',
  'Patient',
  'Patient/',
  'Patient/a b',
  'Patient/1/2',
  `Patient/${'a'.repeat(65)}`,
  '',
])('%j is no literal reference to a resource', (text) => {
  expect(parseReference(text)).toBeUndefined()
})
