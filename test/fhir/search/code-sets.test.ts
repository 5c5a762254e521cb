/** `:in`, `:not-in`, `:above` and `:below` of tokens: by value sets and hierarchies that are known here. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

const animals = 'urn:animals'
const roleCode = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'
let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  await server.put({
    resourceType: 'CodeSystem',
    id: 'animals',
    url: animals,
    content: 'complete',
    concept: [
      { code: 'animal', concept: [{ code: 'dog', concept: [{ code: 'poodle' }] }, { code: 'cat' }] },
      { code: 'wolfdog', property: [{ code: 'parent', valueCode: 'dog' }] },
    ],
  })
  const sets: Record<string, object> = {
    all: { include: [{ system: animals }] },
    dogs: { include: [{ system: animals, filter: [{ property: 'concept', op: 'is-a', value: 'dog' }] }] },
    puppies: { include: [{ system: animals, filter: [{ property: 'concept', op: 'descendent-of', value: 'dog' }] }] },
    listed: {
      include: [
        { system: animals, concept: [{ code: 'cat' }] },
        { system: 'urn:other', concept: [{ code: 'dog' }] },
      ],
    },
    both: {
      include: [{ valueSet: ['urn:vs:all', 'urn:vs:dogs'] }],
      exclude: [{ system: animals, concept: [{ code: 'poodle' }] }],
    },
    unknown: { include: [{ system: 'http://loinc.org' }] },
    loop: { include: [{ valueSet: ['urn:vs:loop'] }] },
    big: {
      include: [{ system: 'urn:x', concept: Array.from({ length: 501 }, (_, code) => ({ code: String(code) })) }],
    },
    regex: { include: [{ system: animals, filter: [{ property: 'code', op: 'regex', value: '.*' }] }] },
  }
  for (const [id, compose] of Object.entries(sets)) {
    await server.put({ resourceType: 'ValueSet', id, url: `urn:vs:${id}`, version: '1', compose })
  }
  await server.put({
    resourceType: 'ValueSet',
    id: 'expanded',
    url: 'urn:vs:expanded',
    expansion: {
      contains: [{ abstract: true, system: animals, code: 'animal', contains: [{ system: animals, code: 'cat' }] }],
    },
  })
  for (const code of ['animal', 'dog', 'poodle', 'cat', 'wolfdog']) {
    await server.put({
      resourceType: 'Observation',
      id: code,
      status: 'final',
      code: { coding: [{ system: animals, code }] },
    })
  }
  await server.put({ resourceType: 'Observation', id: 'none', status: 'amended', subject: { reference: 'Patient/p' } })
  await server.put({ resourceType: 'Patient', id: 'p', gender: 'female' })
  await server.put({ resourceType: 'Patient', id: 'q' })
  for (const [id, code] of [
    ['mother', 'MTH'],
    ['parent', 'PRN'],
    ['friend', 'FRND'],
  ]) {
    await server.put({
      resourceType: 'RelatedPerson',
      id: id!,
      relationship: [{ coding: [{ system: roleCode, code }] }],
    })
  }
})
afterAll(() => server.stop())

test.each([
  ['Observation?code:in=urn:vs:all', 'animal cat dog poodle wolfdog'],
  ['Observation?code:in=urn:vs:dogs', 'dog poodle wolfdog'],
  ['Observation?code:in=urn:vs:dogs|1', 'dog poodle wolfdog'],
  ['Observation?code:in=urn:vs:puppies', 'poodle wolfdog'],
  ['Observation?code:in=urn:vs:listed', 'cat'],
  ['Observation?code:in=urn:vs:both', 'dog wolfdog'],
  ['Observation?code:in=urn:vs:expanded', 'cat'],
  ['Observation?code:in=urn:vs:expanded,urn:vs:puppies', 'cat poodle wolfdog'],
  ['Observation?code:not-in=urn:vs:dogs', 'animal cat none'],
  ['Observation?combo-code:in=urn:vs:dogs', 'dog poodle wolfdog'],
  ['Observation?code:below=urn:animals|dog', 'dog poodle wolfdog'],
  ['Observation?code:below=urn:animals|cat', 'cat'],
  ['Observation?code:above=urn:animals|poodle', 'animal dog poodle'],
  ['Observation?status:in=http://hl7.org/fhir/ValueSet/observation-status&code:below=urn:animals|cat', 'cat'],
  ['Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender', 'p'],
  ['Patient?gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender', 'q'],
  ['Observation?patient.gender:in=http://hl7.org/fhir/ValueSet/administrative-gender', 'none'],
  ['Patient?_has:Observation:patient:status:in=http://hl7.org/fhir/ValueSet/observation-status', 'p'],
  [`RelatedPerson?relationship:below=${roleCode}|PRN`, 'mother parent'],
  [`RelatedPerson?relationship:above=${roleCode}|MTH`, 'mother parent'],
])('%s finds %s', async (search, ids) => {
  expect((await server.ids(search)).sort().join(' ')).toBe(ids)
})

test.each([
  ['Observation?code:in=urn:vs:nothing', 'is not known here'],
  ['Observation?code:in=urn:vs:dogs|2', 'is not known here'],
  ['Observation?code:in=urn:vs:unknown', 'takes all codes of "http://loinc.org"'],
  ['Observation?code:in=urn:vs:loop', 'made of too many others'],
  ['Observation?code:in=urn:vs:big', 'more than 500 codes'],
  ['Observation?code:not-in=urn:vs:regex', 'filters by "code"'],
  ['Observation?code:below=http://loinc.org|1', 'has no hierarchy that is known here'],
  ['Observation?code:below=dog', 'takes system|code'],
])('%s is refused: %s', async (search, reason) => {
  const { status, json } = await server.get(search)
  expect([status, json.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining(reason)])
})

test('a condition of a write takes sets, too', async () => {
  const body = { resourceType: 'Observation', status: 'final', code: { text: 'x' } }
  const { status, text } = await server.send('POST', 'Observation', body, {
    'If-None-Exist': 'code:in=urn:vs:expanded',
  })
  expect([status, text]).toEqual([200, expect.stringContaining('"id":"cat"')])
})
