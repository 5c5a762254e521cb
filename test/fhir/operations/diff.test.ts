/** $diff over HTTP: what it says, sent as a PATCH, makes the other version. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { FhirServer } from '../../support/fhir-server.ts'
import { startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const version = (value: string, more = ''): string =>
    `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"}${more},"valueQuantity":{"value":${value}}}`
  await server.send('PUT', 'Observation/o', version('1.0'))
  await server.send('PUT', 'Observation/o', version('1.00', ',"note":[{"text":"a"},{"text":"b"}]'))
  await server.send('PUT', 'Observation/o', version('2', ',"note":[{"text":"b"}]'))
})
afterAll(() => server.stop())

const FHIR = { 'Content-Type': 'application/fhir+json' }

test('without versions it is what the last change did', async () => {
  const { status, text } = await server.get('Observation/o/$diff')
  expect(status).toBe(200)
  const told = JSON.parse(text) as { parameter: { part: { name: string; [value: string]: unknown }[] }[] }
  expect(told.parameter.map(({ part }) => part.map(({ name: _, ...value }) => Object.values(value)[0]))).toEqual([
    ['replace', 'Observation.value.value', 2],
    ['delete', 'Observation.note[0]'],
  ])
})

test('the patch that it is makes an old version current again, digit for digit', async () => {
  const { text } = await server.get('Observation/o/$diff?fromVersion=3&toVersion=1')
  const { status, text: patched } = await server.send('PATCH', 'Observation/o', text, FHIR)
  expect(status).toBe(200)
  expect(patched).toContain('"value":1.0}')
  expect(patched).not.toContain('note')
})

test('two resources are compared too, and what is the same differs in nothing', async () => {
  const base = `${server.origin}/fhir/R4`
  const same = await server.get(`$diff?from=Observation/o/_history/1&to=${base}/Observation/o`)
  expect(JSON.parse(same.text)).toEqual({ resourceType: 'Parameters' })
  const other = await server.get('$diff?from=Observation/o/_history/1&to=Observation/o/_history/2')
  expect(other.text).toContain('"valueDecimal":1.00')
})

test.each([
  ['Observation/o/$diff?toVersion=1', 400],
  ['Observation/o/$diff?toVersion=99', 404],
  ['Observation/none/$diff', 404],
  ['$diff?from=Observation/o', 400],
  ['$diff?from=Observation/o&to=http://elsewhere/Observation/o', 400],
  ['$diff?from=Observation/o&to=Patient/p', 400],
])('%s is answered %i', async (path, status) => {
  expect((await server.get(path)).status).toBe(status)
})
