import { expect, test } from '@jest/globals'
import { createRequire } from 'node:module'
import { readDefinitions } from '../../../src/r4/definitions.ts'
import { baseDefinitions } from '../../../src/r4/base-layer.ts'
import { registryOf } from '../../../src/r4/registry.ts'
import { compileFhirPath } from '../../../src/r4/validation/fhirpath/compile.ts'
import { expressionOf } from '../../../src/r4/validation/fhirpath/expression.ts'
import { resourceItem } from '../../../src/r4/validation/fhirpath/items.ts'
import { terminologyOf } from '../../../src/r4/terminology/terminology.ts'
import { codeKnowledge } from '../../../src/r4/validation/code-knowledge.ts'
import { validatorOf } from '../../../src/r4/validation/validator.ts'

const validator = validatorOf(registryOf(), codeKnowledge(terminologyOf(registryOf(baseDefinitions()))))

function broken(resource: object): string[] {
  return validator.invariants(resource).map(({ expression, message }) => `${expression} ${message}`)
}

const observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '1' }] },
}

test('Invariants of resources, backbone elements and data types are asked where they stand', () => {
  expect(broken({ ...observation, valueString: 'x' })).toEqual([])
  expect(broken({ ...observation, valueString: 'x', dataAbsentReason: { text: 'y' } })).toEqual([
    'Observation dataAbsentReason SHALL only be present if Observation.value[x] is not present (obs-6).',
  ])
  expect(broken({ ...observation, referenceRange: [{ age: {} }] })[0]).toMatch(
    /^Observation\.referenceRange\[0\] .*obs-3/,
  )
  const period = { start: '2024-02-01', end: '2024-01-01' }
  expect(broken({ ...observation, effectivePeriod: period })[0]).toMatch(/^Observation\.effectivePeriod .*\(per-1\)/)
  expect(broken({ resourceType: 'Patient', contact: [{ gender: 'male' }] })[0]).toMatch(
    /^Patient\.contact\[0\] .*pat-1/,
  )
  expect(broken({ resourceType: 'Patient', telecom: [{ value: '1' }] })[0]).toMatch(/^Patient\.telecom\[0\] .*cpt-2/)
  const organization = {
    resourceType: 'Organization',
    name: 'A',
    telecom: [{ system: 'phone', value: '1', use: 'home' }],
  }
  expect(broken(organization)[0]).toMatch(/^Organization .*org-3/)
})

test('What cannot be told breaks nothing: a year and a month of it', () => {
  expect(broken({ ...observation, effectivePeriod: { start: '2024', end: '2024-05' } })).toEqual([])
})

test('Nearly all of R4 is compiled, little is left to the library', () => {
  const lines = Object.values(readDefinitions('invariants') as Record<string, string[][]>).flat()
  const left = lines.filter(([, , expression = '']) => {
    try {
      compileFhirPath(expression)
      return false
    } catch {
      return true
    }
  })
  expect(left.map(([key]) => key)).toEqual([])
})

const library = createRequire(import.meta.url)('fhirpath') as {
  evaluate(data: unknown, path: string, environment: unknown, model: unknown): unknown[]
}
const model: unknown = createRequire(import.meta.url)('fhirpath/fhir-context/r4')

const patient = {
  resourceType: 'Patient',
  active: true,
  birthDate: '1980-02-29',
  _gender: { extension: [{ url: 'http://x', valueCode: 'unknown' }] },
  name: [
    { family: 'A', given: ['B', 'C'] },
    { text: 'D', use: 'official' },
  ],
  deceasedDateTime: '2024-01-01',
  multipleBirthInteger: 2,
}

test.each([
  'name.exists() and name.family.exists()',
  'name.given.count() = 2',
  "name.where(use = 'official').text = 'D'",
  "name.all(family.exists() or text.startsWith('D'))",
  'gender.exists() and gender.hasValue().not()',
  'deceased is dateTime and multipleBirth > 1',
  'deceased.ofType(boolean).empty() xor active',
  "birthDate.toString().matches('^19') implies name.given.isDistinct()",
  "name.given.intersect('B' | 'Z').count() = 1",
  "name.given.combine('B' | 2 | '2').isDistinct()",
  "(name.given | 'C' | 2 | 2.0 | active | true).count() = 5",
  "'B' in name.given and name.given contains 'C'",
  "iif(active, name.first().family = 'A', false)",
  "(name.family & '!').length() = 2",
  'name.given.select($this = %resource.name.family).allFalse()',
  'descendants().count() > 8',
  '{} or true',
])('our closures say what the library says: %s', (text) => {
  const [theirs] = library.evaluate(patient, text, { resource: patient }, model)
  const item = resourceItem(patient)
  expect(expressionOf(text, 'Patient')(item, item, item)).toBe(theirs)
})

test('What is a regular expression to nobody cannot be told', () => {
  const item = resourceItem(patient)
  expect(expressionOf("birthDate.toString().matches('(?<!')", 'Patient')(item, item, item)).toBeUndefined()
})
