import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { FhirServer } from '../../support/fhir-server.ts'
import { diagnosticsOf, parametersOf, startTerminologyServer, valueOf } from '../../support/terminology-server.ts'

const GENDER = 'url=http://hl7.org/fhir/ValueSet/administrative-gender'
const GENDERS = 'http://hl7.org/fhir/administrative-gender'
let server: FhirServer

beforeAll(async () => {
  server = await startTerminologyServer()
})
afterAll(() => server.stop())

async function verdict(path: string, headers: Record<string, string> = {}) {
  const answer = await server.get(path, { headers })
  expect(answer.status).toBe(200)
  const parameters = parametersOf(answer)
  return {
    result: valueOf(parameters, 'result'),
    message: valueOf(parameters, 'message'),
    display: valueOf(parameters, 'display'),
  }
}

test('a code in a value set is true with its display, one that is not is false with a sentence', async () => {
  const right = await verdict(`ValueSet/$validate-code?${GENDER}&system=${GENDERS}&code=male`)
  expect(right).toEqual({ result: true, message: undefined, display: 'Male' })
  const wrong = await verdict(`ValueSet/$validate-code?${GENDER}&system=${GENDERS}&code=mle`)
  expect(wrong).toMatchObject({
    result: false,
    message: `The code "mle" of "${GENDERS}" is not in the value set "http://hl7.org/fhir/ValueSet/administrative-gender".`,
  })
})

test('a code without a system is looked for in the systems of the value set', async () => {
  expect((await verdict(`ValueSet/$validate-code?${GENDER}&code=male`)).result).toBe(true)
  expect((await verdict(`ValueSet/$validate-code?${GENDER}&code=male&system=urn:other`)).result).toBe(false)
})

test('the display is one that the code has, in any of its languages', async () => {
  const of = (display: string) =>
    verdict(
      `ValueSet/$validate-code?url=urn:vs:colours&system=urn:colours&code=red&display=${encodeURIComponent(display)}`,
    )
  expect((await of('red')).result).toBe(true)
  expect((await of('احمر')).result).toBe(true)
  expect(await of('Blue')).toEqual({
    result: false,
    message: 'The display of "red" is "Red", not "Blue".',
    display: 'Red',
  })
})

test('the display is said in the language that is wanted', async () => {
  const path = 'ValueSet/$validate-code?url=urn:vs:colours&system=urn:colours&code=red'
  expect((await verdict(`${path}&displayLanguage=ar`)).display).toBe('أحمر')
  expect((await verdict(path, { 'Accept-Language': 'ar' })).display).toBe('أحمر')
})

test('an abstract code is right only where that is asked for, an inactive one is right with a word', async () => {
  const path = 'ValueSet/$validate-code?url=urn:vs:colours&system=urn:colours'
  expect(await verdict(`${path}&code=warm`)).toMatchObject({
    result: false,
    message: expect.stringContaining('abstract'),
  })
  expect((await verdict(`${path}&code=warm&abstract=true`)).result).toBe(true)
  expect(await verdict(`${path}&code=puce`)).toMatchObject({
    result: true,
    message: expect.stringContaining('not in use'),
  })
})

test('one coding of a concept is enough', async () => {
  const post = async (...coding: object[]) => {
    const parameter = [
      { name: 'url', valueUri: 'urn:vs:colours' },
      { name: 'codeableConcept', valueCodeableConcept: coding.length > 0 ? { coding } : { text: 'red' } },
    ]
    return parametersOf(await server.send('POST', 'ValueSet/$validate-code', { resourceType: 'Parameters', parameter }))
  }
  expect(valueOf(await post({ system: 'urn:x', code: 'a' }, { system: 'urn:colours', code: 'red' }), 'result')).toBe(
    true,
  )
  expect(valueOf(await post({ system: 'urn:x', code: 'a' }), 'result')).toBe(false)
  expect(valueOf(await post(), 'result')).toBe(false)
})

test('of a code whose system is not loaded nothing is said, but why', async () => {
  const path =
    'ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/clinical-findings&system=http://snomed.info/sct&code=1'
  const answer = await server.get(path)
  expect([answer.status, diagnosticsOf(answer)]).toEqual([
    422,
    'The code system "http://snomed.info/sct" is not loaded here: whether the code is right cannot be told.',
  ])
})

test('a code of a code system, by its url and by its id', async () => {
  expect((await verdict('CodeSystem/$validate-code?url=urn:colours&code=red')).display).toBe('Red')
  expect((await verdict('CodeSystem/$validate-code?url=urn:colours&code=mauve')).result).toBe(false)
  expect((await verdict('CodeSystem/sop-disease-categories/$validate-code?code=cardio')).result).toBe(true)
  expect((await server.get('CodeSystem/$validate-code?url=http://loinc.org&code=1')).status).toBe(404)
})

test('what is to be validated is said once', async () => {
  expect((await server.get(`ValueSet/$validate-code?${GENDER}`)).status).toBe(400)
  expect((await server.get('ValueSet/$validate-code?code=male')).status).toBe(400)
})

test('everything that $expand lists validates', async () => {
  const url = 'http://hl7.org/fhir/ValueSet/observation-category'
  const { text } = await server.get(`ValueSet/$expand?url=${url}`)
  const { expansion } = JSON.parse(text) as {
    expansion: { contains: { system: string; code: string; display: string }[] }
  }
  for (const { system, code, display } of expansion.contains) {
    const query = new URLSearchParams({ url, system, code, display })
    expect((await verdict(`ValueSet/$validate-code?${query.toString()}`)).result).toBe(true)
  }
})
