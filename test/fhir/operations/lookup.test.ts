/** $lookup and $subsumes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { FhirServer } from '../../support/fhir-server.ts'
import type { Part } from '../../support/terminology-server.ts'
import {
  CATEGORIES,
  diagnosticsOf,
  parametersOf,
  startTerminologyServer,
  valueOf,
} from '../../support/terminology-server.ts'

let server: FhirServer

beforeAll(async () => {
  server = await startTerminologyServer()
})
afterAll(() => server.stop())

async function lookup(query: string) {
  const answer = await server.get(`CodeSystem/$lookup?${query}`)
  expect(answer.status).toBe(200)
  return parametersOf(answer)
}

function properties(parameters: readonly Part[]): unknown[] {
  const found = parameters.filter(({ name }) => name === 'property')
  return found.map(({ part = [] }) => [valueOf(part, 'code'), valueOf(part, 'value')])
}

test('a code is looked up with names, designations, properties, parents and children', async () => {
  const found = await lookup('system=urn:colours&code=red')
  const values = ['name', 'version', 'display', 'definition', 'abstract'].map((name) => valueOf(found, name))
  expect(values).toEqual(['Colours', '7', 'Red', 'As blood is', false])
  expect(properties(found)).toEqual([
    ['parent', 'warm'],
    ['child', 'crimson'],
    ['inactive', false],
    ['hex', 'f00'],
  ])
  const designations = found.filter(({ name }) => name === 'designation').map(({ part = [] }) => valueOf(part, 'value'))
  expect(designations).toEqual(['أحمر', 'Rot'])
})

test('property says what is wanted', async () => {
  expect(properties(await lookup('system=urn:colours&code=red&property=hex'))).toEqual([['hex', 'f00']])
  const german = await lookup('system=urn:colours&code=red&property=lang.de&property=parent')
  expect(german.filter(({ name }) => name === 'designation')).toHaveLength(1)
  expect(properties(german)).toEqual([['parent', 'warm']])
})

test('the display is in the language that is wanted, of the catalogue of the tenant', async () => {
  const found = await lookup(`system=${CATEGORIES}&code=ortho&displayLanguage=ar`)
  expect(valueOf(found, 'display')).toBe('جراحة العظام')
})

test('a coding may be sent instead', async () => {
  const parameter = [{ name: 'coding', valueCoding: { system: 'urn:colours', code: 'red' } }]
  const answer = await server.send('POST', 'CodeSystem/$lookup', { resourceType: 'Parameters', parameter })
  expect(valueOf(parametersOf(answer), 'display')).toBe('Red')
})

test('codes of HL7 v3 and v2 are there, with their hierarchy and designations', async () => {
  const v3 = await lookup('system=http://terminology.hl7.org/CodeSystem/v3-ActCode&code=AMB')
  expect(valueOf(v3, 'display')).toBe('ambulatory')
  expect(properties(v3)).toContainEqual(['parent', '_ActEncounterCode'])
  const v2 = await lookup('system=http://terminology.hl7.org/CodeSystem/v2-0001&code=F&displayLanguage=de')
  expect(valueOf(v2, 'display')).toBe('weiblich')
})

test('what is not there is 404, and says whether it is the code or the system', async () => {
  const code = await server.get('CodeSystem/$lookup?system=urn:colours&code=mauve')
  expect([code.status, diagnosticsOf(code)]).toEqual([404, '"mauve" is no code of "urn:colours".'])
  const system = await server.get('CodeSystem/$lookup?system=http://loinc.org&code=1')
  expect([system.status, diagnosticsOf(system)]).toEqual([
    404,
    'The code system "http://loinc.org" is not loaded here.',
  ])
  expect((await server.get('CodeSystem/$lookup?code=red')).status).toBe(400)
})

test.each([
  ['red', 'red', 'equivalent'],
  ['warm', 'crimson', 'subsumes'],
  ['crimson', 'red', 'subsumed-by'],
  ['orange', 'red', 'not-subsumed'],
])('%s and %s: %s', async (a, b, outcome) => {
  const answer = await server.get(`CodeSystem/$subsumes?system=urn:colours&codeA=${a}&codeB=${b}`)
  expect(valueOf(parametersOf(answer), 'outcome')).toBe(outcome)
})

test('$subsumes takes codings, of the code system of the address too', async () => {
  const coding = (name: string, code: string) => ({ name, valueCoding: { system: CATEGORIES, code } })
  const body = { resourceType: 'Parameters', parameter: [coding('codingA', 'ortho'), coding('codingB', 'derma')] }
  const answer = await server.send('POST', 'CodeSystem/sop-disease-categories/$subsumes', body)
  expect(valueOf(parametersOf(answer), 'outcome')).toBe('not-subsumed')
  const unknown = await server.get('CodeSystem/$subsumes?system=urn:colours&codeA=red&codeB=mauve')
  expect(unknown.status).toBe(404)
})
