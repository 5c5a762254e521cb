import { describe, expect, test } from '@jest/globals'
import type { StructureDefinition } from '@medplum/fhirtypes'
import { baseDefinitions } from '../../../src/r4/base-layer.ts'
import { registryOf } from '../../../src/r4/registry.ts'
import { terminologyOf } from '../../../src/r4/terminology/terminology.ts'
import { codeKnowledge } from '../../../src/r4/validation/code-knowledge.ts'
import { validatorOf } from '../../../src/r4/validation/validator.ts'
import { BED, wardDefinitions } from '../../support/ward-profile.ts'

const bedOfChildren: StructureDefinition = {
  ...(wardDefinitions[1] as StructureDefinition),
  url: 'http://ward.example.org/StructureDefinition/no-extension',
  type: 'Patient',
}
const registry = registryOf(baseDefinitions(), [...wardDefinitions, bedOfChildren])
const validator = validatorOf(registry, codeKnowledge(terminologyOf(registry)))

function broken(resource: object): string[] {
  return validator.invariants(resource).map(({ expression, message }) => `${expression} ${message}`)
}

function observation(changes: object): object {
  return { resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...changes }
}

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'

describe('Rules that R4 states in words', () => {
  test('A code is one of its system, where that is loaded whole', () => {
    const coded = (system: string, code: string, version?: string): string[] =>
      broken(observation({ category: [{ coding: [{ system, version, code }] }] }))
    expect(coded(CATEGORY, 'exam')).toEqual([])
    expect(coded(CATEGORY, 'nonsense')).toEqual([
      `Observation.category[0].coding[0].code The code is none of ${CATEGORY}.`,
    ])
    expect(coded(CATEGORY, 'nonsense', '99')).toEqual([])
    expect(coded('http://loinc.org', 'nonsense')).toEqual([])
  })

  test('A unit is one of UCUM, with words for people in it', () => {
    const measured = (code: string): string[] =>
      broken(observation({ valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code } }))
    for (const unit of ['mg/dL', '{beats}/min', '{wine glasses}/d', '[iU]/L', '10*3/uL', '%']) {
      expect(measured(unit)).toEqual([])
    }
    expect(measured('bananas')).toEqual([
      'Observation.valueQuantity.code The code is none of http://unitsofmeasure.org.',
    ])
  })

  test('A code of a required binding that only says why it is missing is none', () => {
    const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }]
    const { status: _, ...unsaid } = observation({}) as { status: string }
    expect(broken({ ...unsaid, _status: { extension } })).toEqual([
      'Observation.status status must have a code: why it is missing is none.',
    ])
    expect(broken(observation({ _status: { extension } }))).toEqual([])
    expect(broken(observation({ _effectiveDateTime: { extension } }))).toEqual([])
  })

  test('The address of an entry is that of the resource in it', () => {
    const bundle = (fullUrl: string): object => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl, resource: { resourceType: 'Patient', id: '1' } }],
    })
    const sentence = 'Bundle.entry[0].fullUrl The fullUrl must end with the type and the id of the resource.'
    expect(broken(bundle('http://clinic.example.org/Patient/1'))).toEqual([])
    expect(broken(bundle('urn:uuid:6f7b1c9a-53c4-4d7e-9a0e-0b5b2b6b7a01'))).toEqual([])
    expect(broken(bundle('http://clinic.example.org/Patient/2'))).toEqual([sentence])
    expect(broken(bundle('http://clinic.example.org/Person/1'))).toEqual([sentence])
  })

  test('A document has what its Composition names', () => {
    const document = (section: object): object => ({
      resourceType: 'Bundle',
      type: 'document',
      identifier: { system: 'urn:x', value: '1' },
      timestamp: '2024-01-01T00:00:00Z',
      entry: [
        { fullUrl: 'http://a.example.org/Composition/c', resource: composition(section) },
        { fullUrl: 'http://a.example.org/Patient/p', resource: { resourceType: 'Patient', id: 'p' } },
      ],
    })
    expect(broken(document({ entry: [{ reference: 'Patient/p' }] }))).toEqual([])
    expect(broken(document({ section: [{ title: 'inner', entry: [{ reference: 'Condition/c' }] }] }))).toEqual([
      'Bundle.entry[0].resource A document must have every resource that its Composition names, and one is not there.',
    ])
  })
})

test('What a Bundle has is looked up once, not anew for each reference', () => {
  const count = 500
  let looks = 0
  const patients = Array.from({ length: count }, (_, index) => ({
    get fullUrl() {
      looks++
      return `http://a.example.org/Patient/p${index}`
    },
    resource: { resourceType: 'Patient', id: `p${index}` },
  }))
  const entry = Array.from({ length: count }, () => ({ reference: `Patient/p${count - 1}` }))
  const document = {
    ...{ resourceType: 'Bundle', type: 'document', identifier: { system: 'urn:x', value: '1' } },
    timestamp: '2024-01-01T00:00:00Z',
    entry: [
      { fullUrl: 'http://a.example.org/Composition/c', resource: composition({ entry }) },
      ...patients,
      { fullUrl: 'http://a.example.org/Patient/p', resource: { resourceType: 'Patient', id: 'p' } },
    ],
  }
  expect(broken(document)).toEqual([])
  expect(looks).toBeLessThan(20 * count)
})

test('What a resource in a Bundle contains is resolved as in the resource alone', () => {
  const team = {
    resourceType: 'CareTeam',
    contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }],
    participant: [{ member: { reference: '#o' }, onBehalfOf: { reference: 'Organization/2' } }],
  }
  expect(broken(team)).toEqual([expect.stringMatching(/^CareTeam\.participant\[0\] .*ctm-1/)])
  expect(broken({ resourceType: 'Bundle', type: 'collection', entry: [{ resource: team }] })).toEqual([
    expect.stringMatching(/^Bundle\.entry\[0\]\.resource\.participant\[0\] .*ctm-1/),
  ])
})

function composition(section: object): object {
  return {
    ...{ resourceType: 'Composition', id: 'c', status: 'final', type: { text: 'letter' }, date: '2024-01-01' },
    ...{ title: 'Letter', subject: { reference: 'Patient/p' }, author: [{ reference: 'Patient/p' }] },
    section: [{ title: 'outer', ...section }],
  }
}

describe('Definitions of R4 itself', () => {
  test('An extension is checked wherever it stands, without a profile that names it', () => {
    const told = (url: string, value: object): string[] =>
      validator
        .profiles({ resourceType: 'Patient', contact: [{ name: { _family: { extension: [{ url, ...value }] } } }] })
        .map(({ expression, message }) => `${expression} ${message}`)
    expect(told(BED, { valueString: '12' })).toEqual([])
    expect(told(BED, { valueInteger: 12 })).toEqual([
      'Patient.contact[0].name.family.extension[0].valueInteger It must be string (Bed).',
    ])
    expect(told(bedOfChildren.url, { valueInteger: 12 })).toEqual([])
    expect(told('http://nobody.example.org/knows', { valueInteger: 12 })).toEqual([])
    const reason = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'
    expect(told(reason, { valueCode: 'masked' })).toEqual([])
    expect(told(reason, { valueCode: 'nonsense' })).toEqual([
      'Patient.contact[0].name.family.extension[0].valueCode It must have a code of the value set http://hl7.org/fhir/ValueSet/data-absent-reason.',
    ])
  })

  test('The vital signs of R4 are profiles that can be asked', () => {
    const profile = 'http://hl7.org/fhir/StructureDefinition/bodyweight'
    const weight = {
      ...observation({ subject: { reference: 'Patient/1' }, effectiveDateTime: '2024-01-01' }),
      category: [{ coding: [{ system: CATEGORY, code: 'vital-signs' }] }],
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    }
    const judged = (code: string): string[] =>
      validator
        .profiles({ ...weight, valueQuantity: { value: 1, unit: code, system: 'http://unitsofmeasure.org', code } }, [
          profile,
        ])
        .map(({ expression }) => expression)
    expect(judged('kg')).toEqual([])
    expect(judged('mm')).toEqual(['Observation.valueQuantity.code'])
  })

  test('A slice is known by what the profile says of a slice within it: systolic and diastolic pressure', () => {
    const component = (code: string, unit: string): object => ({
      code: { coding: [{ system: 'http://loinc.org', code }] },
      valueQuantity: { value: 1, unit, system: 'http://unitsofmeasure.org', code: unit },
    })
    const judged = (...parts: object[]): string[] =>
      validator
        .profiles(
          {
            ...observation({ subject: { reference: 'Patient/1' }, effectiveDateTime: '2024-01-01' }),
            category: [{ coding: [{ system: CATEGORY, code: 'vital-signs' }] }],
            code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
            component: parts,
          },
          ['http://hl7.org/fhir/StructureDefinition/bp'],
        )
        .filter(({ severity }) => severity === 'error')
        .map(({ message }) => message)
    expect(judged(component('8480-6', 'mm[Hg]'), component('8462-4', 'mm[Hg]'))).toEqual([])
    expect(judged(component('8480-6', 'mm[Hg]'), component('1234-5', 'mm[Hg]'))).toEqual([
      'component:DiastolicBP must be there (Observation Blood Pressure Profile).',
    ])
    expect(judged(component('8480-6', 'mm[Hg]'), component('8462-4', 'kPa'))).toEqual([
      'It must be what the profile says: "mm[Hg]" (Observation Blood Pressure Profile).',
      'It must have a code of the value set http://hl7.org/fhir/ValueSet/ucum-vitals-common.',
    ])
  })
})
