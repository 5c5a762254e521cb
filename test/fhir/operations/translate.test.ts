import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { FhirServer } from '../../support/fhir-server.ts'
import {
  diagnosticsOf,
  parametersOf,
  rooms,
  startTerminologyServer,
  valueOf,
} from '../../support/terminology-server.ts'

const GENDERS = 'http://hl7.org/fhir/administrative-gender'
const WORDS = 'https://interop.example.org/CodeSystem/hms-gender'
const MAP = 'https://interop.example.org/ConceptMap/hms-gender'
let server: FhirServer

beforeAll(async () => {
  server = await startTerminologyServer()
})
afterAll(() => server.stop())

async function translate(query: string, path = 'ConceptMap') {
  const answer = await server.get(`${path}/$translate?${query}`)
  expect(answer.status).toBe(200)
  const parameters = parametersOf(answer)
  const matches = parameters
    .filter(({ name }) => name === 'match')
    .map(({ part = [] }) => {
      const { system, code } = (valueOf(part, 'concept') ?? {}) as { system?: string; code?: string }
      return [valueOf(part, 'equivalence'), system, code, valueOf(part, 'source')]
    })
  return { result: valueOf(parameters, 'result'), matches }
}

test('a word of the source is a code of FHIR by the map of its code table, in any case', async () => {
  const expected = { result: true, matches: [['equivalent', GENDERS, 'male', MAP]] }
  expect(await translate(`url=${MAP}&system=${WORDS}&code=male`)).toEqual(expected)
  expect(await translate(`url=${MAP}&system=${WORDS}&code=MALE`)).toEqual(expected)
})

test('without a map, all that know the system are asked', async () => {
  expect(await translate(`system=${WORDS}&code=male`)).toMatchObject({
    matches: [['equivalent', GENDERS, 'male', MAP]],
  })
})

test('a code that the map does not know is what the map says of such', async () => {
  expect(await translate('system=urn:colours&code=orange')).toEqual({
    result: true,
    matches: [['relatedto', 'urn:rooms', 'hall', 'urn:cm:rooms']],
  })
  expect(await translate('system=urn:colours&code=puce')).toMatchObject({
    result: false,
    matches: [['unmatched', undefined, undefined, 'urn:cm:rooms']],
  })
  expect(await translate('url=urn:cm:rooms&system=urn:other&code=red')).toEqual({ result: false, matches: [] })
})

test('backwards, what was wider is narrower', async () => {
  expect(await translate('system=urn:rooms&code=parlour&reverse=true')).toEqual({
    result: true,
    matches: [['narrower', 'urn:colours', 'red', 'urn:cm:rooms']],
  })
})

test('targetsystem and target say which matches are wanted', async () => {
  expect((await translate('system=urn:colours&code=red&targetsystem=urn:rooms')).matches).toHaveLength(1)
  expect((await translate('system=urn:colours&code=red&targetsystem=urn:other')).result).toBe(false)
  const wanted = 'target=http://hl7.org/fhir/ValueSet/administrative-gender'
  expect((await translate(`url=${MAP}&system=${WORDS}&code=male&${wanted}`)).result).toBe(true)
  expect((await translate(`url=urn:cm:rooms&system=urn:colours&code=red&${wanted}`)).result).toBe(false)
})

test('a map of the tenant is found by its systems, its url and its id', async () => {
  const group = [
    { source: 'urn:own', target: 'urn:rooms', element: [{ code: 'a', target: [{ code: 'b', equivalence: 'equal' }] }] },
  ]
  await server.put({ resourceType: 'ConceptMap', id: 'own', url: 'urn:cm:own', status: 'active', group })
  const matches = [['equal', 'urn:rooms', 'b', 'urn:cm:own']]
  expect(await translate('system=urn:own&code=a')).toMatchObject({ matches })
  expect(await translate('url=urn:cm:own&system=urn:own&code=a')).toMatchObject({ matches })
  expect(await translate('system=urn:own&code=a', 'ConceptMap/own')).toMatchObject({ matches })
})

test('a map that is sent along translates the codings of a concept', async () => {
  const coding = [
    { system: 'urn:colours', code: 'red' },
    { system: 'urn:other', code: 'x' },
  ]
  const parameter = [
    { name: 'conceptMap', resource: { ...rooms, url: 'urn:cm:sent' } },
    { name: 'codeableConcept', valueCodeableConcept: { coding } },
  ]
  const answer = await server.send('POST', 'ConceptMap/$translate', { resourceType: 'Parameters', parameter })
  expect(parametersOf(answer).filter(({ name }) => name === 'match')).toHaveLength(1)
})

test('a map that is not there is 404, a code of no system and no map is refused', async () => {
  const missing = await server.get('ConceptMap/$translate?url=urn:no&system=urn:colours&code=red')
  expect([missing.status, diagnosticsOf(missing)]).toEqual([404, 'The concept map "urn:no" is not loaded here.'])
  expect((await server.get('ConceptMap/$translate?code=red')).status).toBe(400)
})

test('maps of R4 itself are there', async () => {
  const system = 'http://hl7.org/fhir/contact-point-use'
  const found = await translate(
    `url=http://hl7.org/fhir/ConceptMap/101&system=http://hl7.org/fhir/address-use&code=home`,
  )
  expect(found.matches).toEqual([
    ['equivalent', 'http://terminology.hl7.org/CodeSystem/v3-AddressUse', 'H', 'http://hl7.org/fhir/ConceptMap/101'],
  ])
  expect((await translate(`system=${system}&code=nobody`)).result).toBe(false)
})
