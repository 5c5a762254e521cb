import { describe, expect, test } from '@jest/globals'
import { registryOf } from '../../../src/r4/registry.ts'
import { validatorOf } from '../../../src/r4/validation/validator.ts'
import { BED, WARD_NUMBERS, wardDefinitions, wardPatient } from '../../support/ward-profile.ts'

const validator = validatorOf(registryOf(wardDefinitions), {
  inValueSet: (_valueSet, { code }) => (code === 'M' ? 'in' : code === '?' ? 'unknown' : 'out'),
  inSystem: () => 'unknown',
})

function found(changes: Record<string, unknown>): string[] {
  const patient = Object.fromEntries(
    Object.entries({ ...wardPatient(), ...changes }).filter(([, v]) => v !== undefined),
  )
  return validator.profiles(patient).map(({ severity, expression, message }) => `${severity} ${expression}: ${message}`)
}

test('A resource that is what its profile says has no findings', () => {
  expect(found({})).toEqual([])
})

describe('what a profile refuses', () => {
  const cases: [string, Record<string, unknown>, string[]][] = [
    ['an element that must be there', { name: undefined }, ['error Patient.name: name must be there (Ward Patient).']],
    [
      'an element in each of a list',
      { name: [{ family: 'A' }, { text: 'B' }] },
      ['error Patient.name[1].family: family must be there (Ward Patient).'],
    ],
    [
      'a slice that must be there',
      { identifier: [{ system: 'urn:other', value: '1' }] },
      ['error Patient.identifier: identifier:number must be there (Ward Patient).'],
    ],
    [
      'a slice too often',
      { identifier: [1, 2].map((n) => ({ system: WARD_NUMBERS, value: String(n) })) },
      ['error Patient.identifier: identifier:number may be there once (Ward Patient).'],
    ],
    [
      'a text that is too long',
      { identifier: [{ system: WARD_NUMBERS, value: 'W-1234567' }] },
      ['error Patient.identifier[0].value: It must be no longer than 6 characters (Ward Patient).'],
    ],
    [
      'what the profile forbids',
      { photo: [{ title: 'x' }] },
      ['error Patient.photo: photo must not be there (Ward Patient).'],
    ],
    [
      'another type of a choice',
      { deceasedBoolean: true, extension: undefined },
      ['error Patient.deceasedBoolean: It must be dateTime (Ward Patient).'],
    ],
    [
      'a reference to another type',
      { generalPractitioner: [{ reference: 'Organization/1' }] },
      ['error Patient.generalPractitioner[0]: The reference must point at Practitioner (Ward Patient).'],
    ],
    [
      'what the profile of an extension refuses',
      { extension: [{ url: BED, valueInteger: 12 }] },
      ['error Patient.extension[0].valueInteger: It must be string (Bed).'],
    ],
    [
      'a code that is not in the value set',
      { maritalStatus: { coding: [{ code: 'X' }] } },
      [
        'error Patient.maritalStatus: It must have a code of the value set http://hl7.org/fhir/ValueSet/marital-status.',
      ],
    ],
    ['an invariant', { deceasedDateTime: '2024' }, ['error Patient: A patient who died has no bed (ward-1).']],
  ]
  test.each(cases)('%s', (_name, changes, findings) => expect(found(changes)).toEqual(findings))
})

test('What cannot be known is a warning', () => {
  expect(found({ maritalStatus: { coding: [{ code: '?' }] } })).toEqual([
    expect.stringMatching(/^warning Patient\.maritalStatus: Whether it has a code .* not loaded\.$/),
  ])
  expect(found({ meta: { profile: ['http://nowhere.example.org/x'] } })).toEqual([
    expect.stringMatching(
      /^warning Patient\.meta\.profile: The profile http:\/\/nowhere\.example\.org\/x is not loaded/,
    ),
  ])
})

test('Entries of a Bundle are asked for the profiles they claim', () => {
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource: { ...wardPatient(), name: undefined } }],
  }
  const [first] = validator.profiles(JSON.parse(JSON.stringify(bundle)) as object)
  expect(first?.expression).toBe('Bundle.entry[0].resource.name')
})

test('A profile that is for another type is said', () => {
  const [first] = validator.profiles({ ...wardPatient(), resourceType: 'Practitioner' })
  expect(first?.message).toMatch(/is for a Patient, not for a Practitioner/)
})
