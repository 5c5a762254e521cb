import { expect, test } from '@jest/globals'
import type { CodeSystem, Resource, ValueSet } from '@medplum/fhirtypes'
import { registryOf } from '../../../src/r4/registry.ts'
import { baseDefinitions } from '../../../src/r4/base-layer.ts'
import { membership, terminologyOf } from '../../../src/r4/terminology/terminology.ts'

const base = registryOf(baseDefinitions())
const R4 = terminologyOf(base)
const GENDER = 'http://hl7.org/fhir/ValueSet/administrative-gender'
const SNOMED = 'http://snomed.info/sct'

function including(id: string, ...include: NonNullable<ValueSet['compose']>['include']): ValueSet {
  return { resourceType: 'ValueSet', status: 'active', url: `urn:vs:${id}`, compose: { include } }
}

function loaded(...resources: Resource[]) {
  return terminologyOf(registryOf(baseDefinitions(), resources))
}

const colours: CodeSystem = {
  resourceType: 'CodeSystem',
  status: 'active',
  url: 'urn:colours',
  content: 'complete',
  caseSensitive: false,
  property: [{ code: 'under', uri: 'http://hl7.org/fhir/concept-properties#parent', type: 'code' }],
  concept: [
    { code: 'warm', property: [{ code: 'notSelectable', valueBoolean: true }], concept: [{ code: 'red' }] },
    { code: 'orange', property: [{ code: 'under', valueCode: 'warm' }] },
    { code: 'blue', display: 'Blue', property: [{ code: 'inactive', valueBoolean: true }] },
  ],
}

test('a code of a required binding is in its value set or out of it, with and without a version', () => {
  expect(membership(R4, GENDER, 'male').is).toBe('in')
  expect(membership(R4, `${GENDER}|4.0.1`, 'male').is).toBe('in')
  expect(membership(R4, GENDER, 'mle').is).toBe('out')
})

test('a coding is of its system, and one coding of a concept is enough', () => {
  const system = 'http://hl7.org/fhir/administrative-gender'
  expect(membership(R4, GENDER, { system, code: 'male' }).is).toBe('in')
  expect(membership(R4, GENDER, { system: 'urn:other', code: 'male' }).is).toBe('out')
  expect(membership(R4, GENDER, { coding: [{ code: 'x' }, { system, code: 'other' }] }).is).toBe('in')
  expect(membership(R4, GENDER, { text: 'male' }).is).toBe('out')
})

test('of a system that is not loaded nothing is said to be out', () => {
  const findings = 'http://hl7.org/fhir/ValueSet/clinical-findings'
  const found = membership(R4, findings, { system: SNOMED, code: '1' })
  expect(found).toMatchObject({ is: 'unknown', gap: { canonical: SNOMED } })
  expect(membership(R4, findings, '1').is).toBe('unknown')
  expect(membership(R4, findings, { system: 'urn:other', code: '1' }).is).toBe('out')
})

test('a value set that is not loaded is unknown with its name', () => {
  expect(membership(R4, 'urn:vs:no|2', 'a')).toMatchObject({ is: 'unknown', gap: { canonical: 'urn:vs:no|2' } })
})

test('a list of codes of a system that is not loaded is known', () => {
  const named = including('named', { system: SNOMED, concept: [{ code: '1' }] })
  expect(membership(R4, named, { system: SNOMED, code: '1' }).is).toBe('in')
  expect(membership(R4, named, { system: SNOMED, code: '2' }).is).toBe('out')
})

test('a fragment of a system says what is in, never what is out', () => {
  const all = including('all', { system: 'urn:colours' })
  const terminology = loaded({ ...colours, content: 'fragment' }, all)
  expect(membership(terminology, all, { system: 'urn:colours', code: 'red' }).is).toBe('in')
  expect(membership(terminology, all, { system: 'urn:colours', code: 'mauve' }).is).toBe('unknown')
})

test('codes of another version than the wanted are in, what it has not is unknown', () => {
  const second = including('second', { system: 'urn:colours', version: '2' })
  const terminology = loaded({ ...colours, version: '1' }, second)
  expect(membership(terminology, second, { system: 'urn:colours', code: 'red' }).is).toBe('in')
  expect(membership(terminology, second, { system: 'urn:colours', code: 'mauve' }).is).toBe('unknown')
})

test('filters go by nesting and by the properties that mean parent', () => {
  const of = (op: 'is-a' | 'descendent-of' | 'is-not-a' | 'generalizes', value: string) =>
    loaded(colours)
      .codesOf(including('f', { system: 'urn:colours', filter: [{ property: 'concept', op, value }] }))
      .list()
      .entries.map(({ code }) => code)
  expect(of('is-a', 'warm')).toEqual(['warm', 'red', 'orange'])
  expect(of('descendent-of', 'warm')).toEqual(['red', 'orange'])
  expect(of('is-not-a', 'warm')).toEqual(['blue'])
  expect(of('generalizes', 'orange')).toEqual(['warm', 'orange'])
})

test('other filters go by properties', () => {
  const of = (property: string, op: '=' | 'in' | 'not-in' | 'exists' | 'regex', value: string) =>
    loaded(colours)
      .codesOf(including('f', { system: 'urn:colours', filter: [{ property, op, value }] }))
      .list()
      .entries.map(({ code }) => code)
  expect(of('inactive', '=', 'true')).toEqual(['blue'])
  expect(of('under', 'exists', 'true')).toEqual(['orange'])
  expect(of('display', 'exists', 'false')).toEqual(['warm', 'red', 'orange'])
  expect(of('code', 'in', 'red, blue')).toEqual(['red', 'blue'])
  expect(of('code', 'not-in', 'red,blue')).toEqual(['warm', 'orange'])
  expect(of('code', 'regex', '[a-r]+')).toEqual(['warm', 'red', 'orange'].filter((code) => /^[a-r]+$/.test(code)))
})

test('a filter that is not known here makes its codes unknown', () => {
  const bold = including('bold', {
    system: 'urn:colours',
    filter: [{ property: 'code', op: 'regex', value: '(a+)+b' }],
  })
  expect(membership(loaded(colours), bold, { system: 'urn:colours', code: 'red' }).is).toBe('unknown')
})

test('value sets of one include are all meant, those of several are any', () => {
  const terminology = loaded(
    colours,
    including('a', { system: 'urn:colours', concept: [{ code: 'red' }, { code: 'blue' }] }),
    including('b', { system: 'urn:colours', concept: [{ code: 'blue' }, { code: 'orange' }] }),
  )
  const codes = (set: ValueSet) =>
    terminology
      .codesOf(set)
      .list()
      .entries.map(({ code }) => code)
  expect(codes(including('both', { valueSet: ['urn:vs:a', 'urn:vs:b'] }))).toEqual(['blue'])
  const either = codes(including('either', { valueSet: ['urn:vs:a'] }, { valueSet: ['urn:vs:b'] }))
  expect(either).toEqual(['red', 'blue', 'orange'])
})

test('what imports itself is unknown, not endless', () => {
  const terminology = loaded(
    including('hen', { valueSet: ['urn:vs:egg'] }),
    including('egg', { valueSet: ['urn:vs:hen'] }),
  )
  expect(membership(terminology, 'urn:vs:hen', 'a')).toMatchObject({
    gap: { sentence: 'The value set "urn:vs:hen" imports itself' },
  })
})

test('a value set that imports the next twice, thirty deep, is refused and not computed', () => {
  const sets = Array.from({ length: 30 }, (_, at) =>
    including(String(at), { valueSet: [`urn:vs:${at + 1}`] }, { valueSet: [`urn:vs:${at + 1}`] }),
  )
  const terminology = loaded(...sets, including('30', { system: 'urn:x', concept: [{ code: 'a' }] }))
  expect(membership(terminology, 'urn:vs:0', { system: 'urn:x', code: 'a' })).toMatchObject({ is: 'unknown' })
})

test('excluded codes and, where the composition says so, inactive ones are out', () => {
  const set: ValueSet = {
    ...including('some', { system: 'urn:colours' }),
    compose: {
      inactive: false,
      include: [{ system: 'urn:colours' }],
      exclude: [{ system: 'urn:colours', concept: [{ code: 'red' }] }],
    },
  }
  const codes = loaded(colours).codesOf(set)
  expect(codes.list().entries.map(({ code }) => code)).toEqual(['warm', 'orange'])
  expect(codes.has('urn:colours', 'blue').is).toBe('out')
})

test('a system that does not mind case finds a code in any, and says it as its own', () => {
  const all = including('all', { system: 'urn:colours' })
  expect(membership(loaded(colours), all, { system: 'urn:colours', code: 'RED' })).toMatchObject({
    entry: { code: 'red' },
  })
})

test('an expansion that comes with a value set says what is in where its composition cannot be told', () => {
  const set: ValueSet = {
    ...including('snomed', { system: SNOMED }),
    expansion: { timestamp: '2026-01-01T00:00:00Z', contains: [{ system: SNOMED, code: '1' }] },
  }
  expect(membership(R4, set, { system: SNOMED, code: '1' }).is).toBe('in')
  expect(membership(R4, set, { system: SNOMED, code: '2' }).is).toBe('unknown')
})
