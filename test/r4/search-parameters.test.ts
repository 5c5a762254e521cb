import { expect, test } from '@jest/globals'
import { compartmentParameters } from '../../src/r4/compartments.ts'
import { resourceTypes } from '../../src/r4/elements.ts'
import { searchParametersOf, useSearchParameters } from '../../src/r4/search-parameters.ts'

test('a type has its own parameters and those of every resource', () => {
  const parameters = searchParametersOf('Observation')
  expect(parameters.get('patient')).toMatchObject({ type: 'reference', target: ['Patient'] })
  expect(parameters.get('_tag')).toMatchObject({ type: 'token', expression: 'Resource.meta.tag' })
  expect(searchParametersOf('Patient').has('_text')).toBe(false)
  useSearchParameters([], { words: true })
  expect(searchParametersOf('Bundle').has('_text')).toBe(false)
  expect(searchParametersOf('Patient').has('_text')).toBe(true)
  useSearchParameters([])
})

test('a composite parameter names its parts', () => {
  expect(searchParametersOf('Observation').get('code-value-quantity')).toMatchObject({ type: 'composite' })
  expect(searchParametersOf('Observation').get('code-value-quantity')?.components).toHaveLength(2)
})

test('every parameter comes from HL7', () => {
  for (const type of resourceTypes) {
    for (const { url } of searchParametersOf(type).values())
      expect(url).toMatch(/^http:\/\/hl7\.org\/fhir\/SearchParameter\//)
  }
})

test('what is no resource type has no parameters', () => {
  for (const name of ['Resource', 'HumanName', 'constructor']) expect(searchParametersOf(name).size).toBe(0)
})

test('the patient compartment names parameters that exist', () => {
  expect(compartmentParameters('Patient', 'Observation')).toEqual(['subject', 'performer'])
  expect(compartmentParameters('Patient', 'Medication')).toEqual([])
  expect(compartmentParameters('Patient', 'constructor')).toEqual([])
  for (const type of resourceTypes) {
    for (const code of compartmentParameters('Patient', type)) expect(searchParametersOf(type).has(code)).toBe(true)
  }
})
