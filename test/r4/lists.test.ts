/** The keys of lists: what src/r4/lists.ts says holds of R4, and what resources have of it. */
import { describe, expect, test } from '@jest/globals'
import { listedTypes, listKeys, listOf, notConfidential } from '../../src/r4/lists.ts'
import { searchKeys } from '../../src/r4/search-keys.ts'
import { searchParametersOf } from '../../src/r4/search-parameters.ts'
import { mayHaveSeveral } from '../../src/r4/several-values.ts'
import { membersOf } from '../../src/r4/unions.ts'

describe.each(listedTypes)('%s', (type) => {
  const { by, of } = listOf(type)!

  test('comes by a date of which a resource has one', () => {
    const parameter = searchParametersOf(type).get(by)!
    expect(parameter.type).toBe('date')
    expect(mayHaveSeveral(parameter, type)).toBe(false)
  })

  test('is asked by keys of parameters that have keys of their own', () => {
    const codes = of.flat().map((part) => part.split(/[:=]/)[0]!)
    for (const code of codes) {
      const parameter = searchParametersOf(type).get(code)!
      expect(['token', 'reference']).toContain(parameter.type)
      expect(membersOf(parameter, type)).toEqual([parameter])
    }
  })
})

test('a resource has the keys of all shapes that it fits, and the one of all', () => {
  const keys = searchKeys({
    resourceType: 'ServiceRequest',
    status: 'active',
    category: [{ coding: [{ system: 'http://a.b', code: 'S' }, { code: 'none' }] }, { text: 'more' }],
    code: { coding: [{ system: 'http://a.b', code: 'other' }] },
    subject: { reference: 'Patient/1' },
    performer: [{ reference: 'Practitioner/2' }, { display: 'nobody' }],
    authoredOn: '2026-03-02T08:00:00Z',
  })
  expect(keys.s).toEqual([
    '*',
    'patient=Patient/1',
    'category=http://a.b|S&status=*|active&performer:missing=false',
    'performer=Practitioner/2',
    'category=http://a.b|S&status=*|active',
    'category=http://a.b|S',
  ])
  expect(keys.w).toEqual(new Date('2026-03-02T08:00:00Z'))
})

test('a performer without an address is one, and without a date there is a place all the same', () => {
  const resource = { status: 'draft', category: [{ coding: [{ system: 'http://a.b', code: 'S' }] }] }
  const of = (more: object): string[] => searchKeys({ resourceType: 'ServiceRequest', ...resource, ...more }).s!
  expect(of({ performer: [{ display: 'somebody' }] })).toContain(
    'category=http://a.b|S&status=*|draft&performer:missing=false',
  )
  expect(of({})).toContain('category=http://a.b|S&status=*|draft&performer:missing=true')
  expect(searchKeys({ resourceType: 'ServiceRequest', ...resource }).w).toBeNull()
})

test('what is confidential says so beside the keys of lists', () => {
  const system = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
  const marked = (type: string, ...codes: string[]): string | undefined =>
    searchKeys({ resourceType: type, meta: { security: codes.map((code) => ({ system, code })) } }).c
  expect(marked('Observation')).toBe('')
  expect(marked('Observation', 'N')).toBe('')
  expect(marked('Observation', 'V', 'R', 'N')).toBe('RV')
  const label = [{ coding: [{ system: 'http://hl7.org/fhir/v3/Confidentiality', code: 'V' }] }]
  expect(searchKeys({ resourceType: 'DocumentReference', securityLabel: label }).c).toBe('V')
  expect(searchKeys({ resourceType: 'Observation', meta: { security: [{ code: 'R' }] } }).c).toBe('R')
  expect(notConfidential(['R'])).toEqual(['', 'V'])
  expect(notConfidential(['R', 'V'])).toEqual([''])
  expect(notConfidential([])).toEqual(['', 'R', 'V', 'RV'])
})

test('types of which no lists are made have no such keys', () => {
  expect(listKeys('Patient', searchKeys({ resourceType: 'Patient', birthDate: '1990-01-01' }))).toEqual({})
})
