/** `_summary` and `_elements` give parts that say that they are parts, and keep every digit. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { decimal } from '../../../src/r4/json.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

const tag = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }
let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  await server.put({ resourceType: 'Patient', id: 'p1', gender: 'male', photo: [{ title: 'x' }] })
  await server.put({
    resourceType: 'Observation',
    id: 'o1',
    meta: { tag: [{ code: 'own' }] },
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
    status: 'final',
    code: { text: 'c' },
    subject: { reference: 'Patient/p1' },
    valueQuantity: { value: decimal('1.00') },
    note: [{ text: 'n' }],
    component: [{ code: { text: 'd' }, referenceRange: [{ text: 'r' }] }],
  })
})
afterAll(() => server.stop())

test.each([
  ['_summary=true', 'code component id meta resourceType status subject valueQuantity'],
  ['_summary=text', 'code id meta resourceType status text'],
  ['_summary=data', 'code component id meta note resourceType status subject valueQuantity'],
  ['_elements=note', 'code id meta note resourceType status'],
  ['_elements=value,subject', 'code id meta resourceType status subject valueQuantity'],
])('%s keeps %s', async (asked, names) => {
  const { json, text } = await server.get(`Observation?${asked}`)
  const resource = json.entry?.[0]?.resource
  expect(
    Object.keys(resource ?? {})
      .sort()
      .join(' '),
  ).toBe(names)
  expect((resource?.['meta'] as { tag: object[] }).tag).toEqual([{ code: 'own' }, tag])
  expect(json.link?.[0]?.url).toContain(asked)
  if (names.includes('valueQuantity')) expect(text).toContain('"value":1.00')
})

test('a summary goes into backbone elements', async () => {
  const { json } = await server.get('Observation?_summary=true')
  expect(json.entry?.[0]?.resource?.['component']).toEqual([{ code: { text: 'd' } }])
})

test('_summary=false is the whole, without a tag; _summary=count is the number alone', async () => {
  const { json } = await server.get('Observation?_summary=false')
  expect(json.entry?.[0]?.resource).toMatchObject({ note: [{ text: 'n' }], meta: { tag: [{ code: 'own' }] } })
  const count = (await server.get('Observation?_summary=count')).json
  expect([count.total, count.entry]).toEqual([1, undefined])
})

test('a summary concerns what is included too, elements the matches alone', async () => {
  const included = async (asked: string) =>
    (await server.get(`Observation?_include=Observation:subject&${asked}`)).json.entry?.[1]?.resource
  expect(await included('_summary=true')).not.toHaveProperty('photo')
  expect(await included('_elements=note')).toHaveProperty('photo')
})

test.each([
  '_summary=all',
  '_elements=colour',
  '_elements=note&_summary=true',
  '_elements=',
  '_summary=text&_summary=true',
])('%s is refused', async (asked) => {
  expect((await server.get(`Observation?${asked}`)).status).toBe(400)
})
