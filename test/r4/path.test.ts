import { createRequire } from 'node:module'
import { expect, test } from '@jest/globals'
import { resourceTypes } from '../../src/r4/elements.ts'
import { compilePath } from '../../src/r4/path.ts'
import { searchParametersOf } from '../../src/r4/search-parameters.ts'
import { type Json, sampleResource } from './sample-resource.ts'

const require = createRequire(import.meta.url)
const fhirpath = require('fhirpath') as {
  compile(expression: string, model: unknown): (resource: Json) => unknown[]
}
const r4: unknown = require('fhirpath/fhir-context/r4')

/**
 * The same for the fhirpath package: nothing to look up (the samples hold relative references), no abstract types, and
 * `ofType` because its `as` takes one value only.
 */
function forFhirpath(expression: string, type: string): string {
  return expression
    .replace(/resolve\(\) is (\w+)/g, "reference.startsWith('$1/')")
    .replace(/\((\S+) as (\w+)\)/g, '$1.ofType($2)')
    .replace(/\.as\(/g, '.ofType(')
    .replace(/^Resource\b/, type)
}

function texts(values: unknown[]): string[] {
  return values.map((value) => JSON.stringify(value)).sort()
}

test('every search parameter of every resource type selects what the fhirpath package selects', () => {
  const compiled = new Map<string, (resource: Json) => unknown[]>()
  let selected = 0
  for (const type of resourceTypes) {
    const samples = [0, 1, 2, 3].map((variant) => sampleResource(type, variant))
    for (const { code, expression, type: kind } of searchParametersOf(type).values()) {
      if (expression === undefined || kind === 'composite' || kind === 'special') continue
      const ours = compilePath(expression, type)
      const key = forFhirpath(expression, type)
      const theirs = compiled.get(key) ?? fhirpath.compile(key, r4)
      compiled.set(key, theirs)
      for (const sample of samples) {
        const values = texts(ours(sample))
        selected += values.length
        expect({ type, code, values }).toEqual({ type, code, values: texts(theirs(sample)) })
      }
    }
  }
  expect(selected).toBeGreaterThan(10_000)
})

test('a reference is of the type its text, its type element or the contained resource says', () => {
  const patients = compilePath('Observation.subject.where(resolve() is Patient)', 'Observation')
  const found = (subject: Json, rest: Json = {}): boolean => patients({ subject, ...rest }).length === 1
  expect(found({ reference: 'Patient/1' })).toBe(true)
  expect(found({ reference: 'Patient/1/_history/2' })).toBe(true)
  expect(found({ reference: 'https://other.example/fhir/Patient/1' })).toBe(true)
  expect(found({ type: 'Patient', identifier: { value: '1' } })).toBe(true)
  expect(found({ reference: 'urn:uuid:0', type: 'Patient' })).toBe(true)
  expect(found({ reference: '#p' }, { contained: [{ resourceType: 'Patient', id: 'p' }] })).toBe(true)
  expect(found({ reference: '#p' }, { contained: [{ resourceType: 'Group', id: 'p' }] })).toBe(false)
  expect(found({ reference: 'Group/1' })).toBe(false)
  expect(found({ reference: 'PatientGroup/1' })).toBe(false)
  expect(found({})).toBe(false)
})

test('an extension is selected by its URL', () => {
  const religion = compilePath("Patient.extension('http://x.example/religion').value.as(CodeableConcept)", 'Patient')
  const extension = [
    { url: 'http://x.example/religion', valueCodeableConcept: { text: 'a' } },
    { url: 'http://x.example/other', valueCodeableConcept: { text: 'b' } },
    { url: 'http://x.example/religion', valueString: 'c' },
  ]
  expect(religion({ extension })).toEqual([{ text: 'a' }])
})

test('deceased is true, or false for those it says nothing of', () => {
  const deceased = compilePath(searchParametersOf('Patient').get('deceased')?.expression ?? '', 'Patient')
  expect(
    [{}, { deceasedBoolean: false }, { deceasedBoolean: true }, { deceasedDateTime: '2020' }].map(deceased),
  ).toEqual([[false], [false], [true], [true]])
})

test.each([
  ['Patient.name.given.first()', 'first() is not among the functions understood'],
  ['Patient.nothing', 'there is no nothing at this place'],
  ['Patient.name.where(use > 1)', 'where(use > 1) is not understood'],
  ["Patient.name + 'x'", 'is not a plain path'],
  ['Patient.deceased.as(Period)', 'there is no Period at this place'],
])('%s is refused with the reason', (expression, reason) => {
  expect(() => compilePath(expression, 'Patient')).toThrow(reason)
})

test('damaged resources select nothing and break nothing', () => {
  for (const type of ['Patient', 'Observation']) {
    for (const { expression, type: kind } of searchParametersOf(type).values()) {
      if (expression === undefined || kind === 'composite' || kind === 'special') continue
      const select = compilePath(expression, type)
      for (const wrong of [null, 'text', 5, [null], [[]], {}]) {
        const resource = Object.fromEntries(Object.keys(sampleResource(type, 0)).map((name) => [name, wrong]))
        expect(() => select(resource)).not.toThrow()
      }
    }
  }
})
