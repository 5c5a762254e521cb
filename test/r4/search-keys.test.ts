import { expect, test } from '@jest/globals'
import { componentsOf } from '../../src/r4/components.ts'
import { elementPaths, type JsonObject } from '../../src/r4/element-paths.ts'
import { resourceTypes } from '../../src/r4/elements.ts'
import { extractorFor } from '../../src/r4/keys/extractors.ts'
import { decimal, parseJson } from '../../src/r4/json.ts'
import { searchKeys, searchedPart } from '../../src/r4/search-keys.ts'
import { searchParametersOf } from '../../src/r4/search-parameters.ts'
import { unionsOf } from '../../src/r4/unions.ts'
import { sampleResource } from './sample-resource.ts'

/** The keys of some parameters only. */
function keysOf(resource: Record<string, unknown>, ...parameters: string[]): string[] {
  return searchKeys(resource).k.filter((key) => parameters.includes(/^[^=~]+/.exec(key)?.[0] ?? ''))
}

test('coded values are tokens of their system, of any system, and of the system alone', () => {
  const code = { coding: [{ system: 'http://loinc.org', code: '8867-4' }, { code: 'HR' }], text: 'Heart rate' }
  expect(keysOf({ resourceType: 'Observation', code }, 'code')).toEqual([
    'code=*|8867-4',
    'code=*|HR',
    'code=http://loinc.org|*',
    'code=http://loinc.org|8867-4',
    'code=|HR',
  ])
  expect(keysOf({ resourceType: 'Observation', code: { text: 'only text' } }, 'code')).toEqual([])
})

test('identifiers keep their case, contacts have no system, primitives neither', () => {
  const patient = {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:x', value: 'PAT-1' }, { value: 'b' }],
    telecom: [{ system: 'phone', value: '+971' }],
    active: true,
    gender: 'female',
  }
  expect(keysOf(patient, 'identifier')).toEqual([
    'identifier=*|PAT-1',
    'identifier=*|b',
    'identifier=urn:x|*',
    'identifier=urn:x|PAT-1',
    'identifier=|b',
  ])
  expect(keysOf(patient, 'phone', 'email')).toEqual(['phone=*|+971', 'phone=|+971'])
  expect(keysOf(patient, 'active', 'gender')).toEqual([
    'active=*|true',
    'active=|true',
    'gender=*|female',
    'gender=|female',
  ])
})

test('a name is found by each part, by each word of its text, and in each language', () => {
  const translated = (content: string): object => ({
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/translation',
        extension: [
          { url: 'lang', valueCode: 'ar' },
          { url: 'content', valueString: content },
        ],
      },
    ],
  })
  const name = [
    {
      text: 'Fatima Al Noor',
      _text: translated('فَاطِمَة النور'),
      family: 'Al Noor',
      given: ['Fatima'],
      _given: [translated('فاطمة')],
    },
  ]
  const keys = keysOf({ resourceType: 'Patient', name }, 'name', 'family', 'given')
  expect(keys).toEqual(
    [
      ...[
        'name~fatima al noor',
        'name~al noor',
        'name~noor',
        'name~fatima',
        'name~فاطمه النور',
        'name~النور',
        'name~فاطمه',
      ],
      ...['name==Fatima Al Noor', 'name==Al Noor', 'name==Fatima', 'name==فَاطِمَة النور', 'name==فاطمة'],
      ...['family~al noor', 'family==Al Noor', 'given~fatima', 'given==Fatima', 'given~فاطمه', 'given==فاطمة'],
    ].sort(),
  )
})

test('a translation is found where the text itself is missing', () => {
  const _name = {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/translation',
        extension: [{ url: 'content', valueString: 'مستشفى' }],
      },
    ],
  }
  expect(keysOf({ resourceType: 'Organization', _name }, 'name')).toEqual(['name==مستشفى', 'name~مستشفي'])
})

test('the words of a long text are eight at most', () => {
  const text = Array.from({ length: 20 }, (_, index) => `w${index}`).join(' ')
  const keys = keysOf({ resourceType: 'Patient', name: [{ text }] }, 'name')
  expect(keys.filter((key) => key.startsWith('name~'))).toHaveLength(8)
})

test('references are relative and without version, absolute as they are, logical by identifier', () => {
  const keys = (subject: object): string[] =>
    keysOf({ resourceType: 'Observation', subject }, 'subject', 'patient', 'subject:identifier')
  expect(keys({ reference: 'Patient/1/_history/3' })).toEqual(['patient=Patient/1', 'subject=Patient/1'])
  expect(keys({ reference: 'Group/1' })).toEqual(['subject=Group/1'])
  expect(keys({ reference: 'https://a.example/Patient/1' })).toEqual([
    'patient=https://a.example/Patient/1',
    'subject=https://a.example/Patient/1',
  ])
  expect(keys({ reference: '#contained' })).toEqual([])
  expect(keys({ identifier: { system: 'urn:x', value: '7' } })).toEqual([
    'subject:identifier=*|7',
    'subject:identifier=urn:x|*',
    'subject:identifier=urn:x|7',
  ])
})

test('tags, security labels, profiles and the source are keys; id and lastUpdated are not', () => {
  const meta = {
    lastUpdated: '2024-01-01T00:00:00Z',
    source: 'urn:s',
    profile: ['https://x.example/p|1.0'],
    tag: [{ system: 'urn:t', code: 'a' }],
  }
  const { k, d, o } = searchKeys({ resourceType: 'Basic', id: '1', meta })
  expect(k).toEqual([
    '_profile=https://x.example/p',
    '_profile=https://x.example/p|1.0',
    '_source=urn:s',
    '_tag=*|a',
    '_tag=urn:t|*',
    '_tag=urn:t|a',
  ])
  expect(d).toEqual([])
  expect(Object.keys(o).sort()).toEqual(['_profile', '_source', '_tag'])
})

test('dates, periods and timings are intervals', () => {
  const dates = (rest: object): unknown => searchKeys({ resourceType: 'Observation', ...rest }).d
  const day = { l: new Date('2024-03-05T00:00:00Z'), h: new Date('2024-03-06T00:00:00Z') }
  const open = { l: new Date('0001-01-01T00:00:00Z'), h: new Date('9999-12-31T23:59:59.999Z') }
  expect(dates({ effectiveDateTime: '2024-03-05' })).toEqual([{ p: 'date', ...day }])
  expect(dates({ effectivePeriod: { start: '2024-03-05', end: '2024-03-05' } })).toEqual([{ p: 'date', ...day }])
  expect(dates({ effectivePeriod: { start: '2024-03-05' } })).toEqual([{ p: 'date', l: day.l, h: open.h }])
  expect(dates({ effectivePeriod: { end: '2024-03-05' } })).toEqual([{ p: 'date', l: open.l, h: day.h }])
  expect(dates({ effectivePeriod: {} })).toEqual([])
  expect(dates({ effectiveTiming: { event: ['2024-03-04', '2024-03-07'] } })).toEqual([
    { p: 'date', l: new Date('2024-03-04T00:00:00Z'), h: new Date('2024-03-08T00:00:00Z') },
  ])
  expect(dates({ effectiveTiming: { repeat: { boundsPeriod: { start: '2024-03-05', end: '2024-03-05' } } } })).toEqual([
    { p: 'date', ...day },
  ])
  expect(dates({ effectiveTiming: { repeat: { frequency: 1 } } })).toEqual([])
  expect(dates({ effectiveDateTime: '2024-02-30' })).toEqual([])
})

test('quantities carry value, system, code and unit; a comparator opens them', () => {
  const numbers = (rest: object): unknown =>
    searchKeys({ resourceType: 'Observation', ...rest }).n.filter((it) => it.p === 'value-quantity')
  const unit = { system: 'http://unitsofmeasure.org', code: 'Cel', unit: '°C' }
  const keyUnit = { s: 'http://unitsofmeasure.org', c: 'Cel', u: '°C' }
  expect(numbers({ valueQuantity: { value: decimal('37.10'), ...unit } })).toEqual([
    { p: 'value-quantity', l: 37.1, h: 37.1, ...keyUnit },
  ])
  expect(searchKeys({ resourceType: 'Observation', valueQuantity: { value: 37.1, ...unit } }).n).toContainEqual({
    p: '@K value-quantity',
    l: 310.25,
    h: 310.25,
  })
  expect(numbers({ valueQuantity: { value: 5, comparator: '<' } })).toEqual([
    { p: 'value-quantity', l: -Infinity, h: 5 },
  ])
  expect(numbers({ valueQuantity: { value: 5, comparator: '>=' } })).toEqual([
    { p: 'value-quantity', l: 5, h: Infinity },
  ])
  expect(numbers({ valueSampledData: { origin: { value: 10 }, factor: 2, data: '1 E 5 -3' } })).toEqual([
    { p: 'value-quantity', l: 4, h: 20 },
  ])
  expect(numbers({ valueQuantity: { unit: 'mg' } })).toEqual([])
})

test('money has its currency, a range its ends', () => {
  expect(searchKeys({ resourceType: 'Invoice', totalNet: { value: decimal('10.50'), currency: 'AED' } }).n).toEqual([
    { p: 'totalnet', l: 10.5, h: 10.5, s: 'urn:iso:std:iso:4217', c: 'AED' },
  ])
  expect(searchKeys({ resourceType: 'Condition', onsetRange: { low: { value: 3 } } }).n).toEqual([
    { p: 'onset-age', l: 3, h: Infinity },
  ])
})

test('the sort key is the smallest value of a parameter', () => {
  const { o } = searchKeys({
    resourceType: 'Patient',
    name: [{ family: 'Zayed' }, { family: 'Ábel' }],
    birthDate: '1980',
    generalPractitioner: [{ reference: 'Practitioner/2' }, { reference: 'Practitioner/1' }],
  })
  expect(o).toMatchObject({
    family: 'abel',
    birthdate: new Date('1980-01-01'),
    'general-practitioner': 'Practitioner/1',
  })
  expect(o).not.toHaveProperty('gender')
})

test('being alive is searchable', () => {
  expect(keysOf({ resourceType: 'Patient' }, 'deceased')).toEqual(['deceased=*|false', 'deceased=|false'])
  expect(keysOf({ resourceType: 'Patient', deceasedDateTime: '2020' }, 'deceased')).toEqual([
    'deceased=*|true',
    'deceased=|true',
  ])
})

test('of no resource are keys made of more than its searched part', () => {
  let left = 0
  for (const type of resourceTypes) {
    for (let variant = 0; variant < 3; variant++) {
      const sample = {
        ...sampleResource(type, variant),
        text: { div: '<div>text</div>' },
        position: { latitude: 1, longitude: 1 },
      }
      const part = parseJson(searchedPart(sample)) as JsonObject
      expect(searchKeys(part)).toEqual(searchKeys(parseJson(JSON.stringify(sample)) as JsonObject))
      left += Object.keys(sample).length - Object.keys(part).length
    }
  }
  expect(left).toBeGreaterThan(500)
})

test('keys are sorted and each is there once', () => {
  for (const type of resourceTypes) {
    const { k } = searchKeys(sampleResource(type, 0))
    expect(k).toEqual([...new Set(k)].sort())
  }
})

/** Where R4 has values that its type of search cannot compare: they count for `:missing`, nothing finds them. */
const presentOnly = [
  'CarePlan.activity-date: string',
  'Consent.source-reference: Attachment',
  'Immunization.date: string',
  'Procedure.date: string',
  'Procedure.date: Age',
  'Procedure.date: Range',
]

test('every value that a parameter of R4 can reach has an extractor, or is in a list of six', () => {
  const found: string[] = []
  for (const type of resourceTypes) {
    for (const parameter of searchParametersOf(type).values()) {
      const { code, type: kind, expression } = parameter
      if (expression === undefined || kind === 'special' || code === '_id' || code === '_lastUpdated') continue
      if (kind === 'composite') {
        expect(componentsOf(parameter, type)).toHaveLength(parameter.components?.length ?? 0)
        continue
      }
      for (const path of elementPaths(expression, type)) {
        if (path.presence) continue
        const extractor = extractorFor(kind, path.type)
        if (extractor === undefined) throw new Error(`${type}.${code} has no keys of ${path.type}`)
        if (extractor === extractorFor('date', 'Age')) found.push(`${type}.${code}: ${path.type}`)
      }
    }
  }
  expect(found).toEqual(presentOnly)
})

/** Fields of the document; what is refused: named queries, how names sound. */
const withoutKeys = new Set(['_id', '_lastUpdated', '_query', 'phonetic'])

test('every parameter of R4 gets a key from some resource, or is others together', () => {
  const without = new Set<string>()
  for (const type of resourceTypes) {
    const found = new Set<string>(unionsOf(type).keys())
    for (let variant = 0; variant < 16; variant++) {
      const placed = type === 'Location' && { position: { latitude: 1, longitude: 1 } }
      const sample = { ...sampleResource(type, variant), text: { div: '<div>text</div>' }, ...placed }
      const { k, d, n } = searchKeys(sample)
      for (const key of k) found.add(key.slice(0, key.search(/[=~?]/)))
      for (const { p } of [...d, ...n]) found.add(p.replace(/^@\S+ /, '').replace(/=.*/s, ''))
    }
    for (const { code } of searchParametersOf(type).values()) {
      if (!withoutKeys.has(code) && !found.has(code)) without.add(`${type}.${code}`)
    }
  }
  // References of these to any type seldom meet a Patient in the samples; they hold no embedded resources, few valueString
  const rare = /\.(patient|composition|message|code-value-string)$/
  expect([...without].filter((it) => !rare.test(it))).toEqual([])
})

test('values of another shape make no keys and no errors', () => {
  for (const type of ['Patient', 'Observation', 'Invoice', 'Encounter', 'ValueSet', 'Bundle']) {
    const names = Object.keys(sampleResource(type, 0)).filter((name) => name !== 'resourceType')
    for (const wrong of [
      null,
      5,
      true,
      [null],
      [[]],
      {},
      [{}],
      [5],
      { coding: 5 },
      { reference: 7, identifier: null },
    ]) {
      const resource = Object.fromEntries(
        names.flatMap((name) => [
          [name, wrong],
          [`_${name}`, wrong],
        ]),
      )
      expect(() => searchKeys({ resourceType: type, ...resource })).not.toThrow()
    }
  }
  expect(searchKeys({ resourceType: 'Nonsense' })).toEqual({ k: [], d: [], n: [], o: {} })
})

test('the first resource of a document is its composition', () => {
  const entry = [
    { resource: { resourceType: 'Composition', id: 'c' } },
    { resource: { resourceType: 'Patient', id: 'p' } },
  ]
  expect(keysOf({ resourceType: 'Bundle', entry }, 'composition')).toEqual(['composition=Composition/c'])
  expect(elementPaths('Bundle.entry[0].resource', 'Bundle')).toHaveLength(1)
})
