/** The compartments are those of HL7's CompartmentDefinitions of 4.0.1, which no package brings: known by a hash of them. */
import { hash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { compartmentParameters, compartments } from '../../src/r4/compartments.ts'
import type { Compartment } from '../../src/r4/compartments.ts'
import { resourceTypes } from '../../src/r4/elements.ts'
import { searchParametersOf } from '../../src/r4/search-parameters.ts'

/** Of HL7's, one line each resource type that is in it: `Observation performer subject`. */
const published: Readonly<Record<Compartment, string>> = {
  Patient: '7dc2e3857695b528',
  Encounter: '9e3b521deec96791',
  Practitioner: '479d6a4b0d1da84d',
  RelatedPerson: '841d2a75ae733e06',
  Device: 'b7c6a4f313e4fa05',
}

test.each(compartments)('the compartment of a %s is what HL7 published', (compartment) => {
  const lines = resourceTypes.flatMap((type) => {
    const codes = [...compartmentParameters(compartment, type)].sort()
    const isAdded = compartment === 'Patient' && type === 'Task'
    return codes.length === 0 || isAdded ? [] : [`${type} ${codes.join(' ')}`]
  })
  expect(hash('sha256', lines.join('\n')).slice(0, 16)).toBe(published[compartment])
})

test('tasks are in the compartment of a patient, as in R5', () => {
  expect([...compartmentParameters('Patient', 'Task')].sort()).toEqual(['focus', 'patient'])
})

test.each(compartments)('what puts a resource into the compartment of a %s is a reference of its', (compartment) => {
  for (const type of resourceTypes) {
    for (const code of compartmentParameters(compartment, type)) {
      expect(searchParametersOf(type).get(code)).toMatchObject({ type: 'reference' })
    }
  }
})
