/** Every modifier finds what R4 says, and a parameter refuses those its type or its values do not have. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

const loinc = 'http://loinc.org'
const v2 = 'http://terminology.hl7.org/CodeSystem/v2-0203'
let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  await server.put({
    resourceType: 'Patient',
    id: 'p1',
    gender: 'female',
    birthDate: '1980-05-05',
    name: [{ family: 'Al Noor', given: ['Zoë'] }],
    identifier: [{ system: 'urn:mrn', value: '7', type: { coding: [{ system: v2, code: 'MR' }], text: 'Chart' } }],
    generalPractitioner: [{ reference: 'Practitioner/x' }],
  })
  await server.put({
    resourceType: 'Patient',
    id: 'p2',
    gender: 'male',
    name: [{ family: 'noor.a' }],
    identifier: [{ system: 'urn:mrn', value: '7', type: { coding: [{ system: v2, code: 'PI' }] } }],
    generalPractitioner: [{ reference: 'Organization/x' }],
  })
  await server.put({ resourceType: 'Patient', id: 'p3', generalPractitioner: [{ display: 'Dr. X' }] })
  await server.put({
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    code: { coding: [{ system: loinc, code: '8867-4', display: 'Heart rate' }], text: 'Pulse' },
    subject: { identifier: { system: 'urn:mrn', value: '7' } },
    valueQuantity: { value: 5 },
  })
  await server.put({
    resourceType: 'Observation',
    id: 'o2',
    status: 'amended',
    code: { text: 'Heart sound' },
    valueQuantity: { unit: 'mg' },
  })
  await server.put({ resourceType: 'ValueSet', id: 'v1', url: 'http://acme.org/fhir/ValueSet/1' })
  await server.put({ resourceType: 'ValueSet', id: 'v2', url: 'http://acme.org/fhir/ValueSet/12' })
  await server.put({ resourceType: 'ValueSet', id: 'v3', url: 'http://acme.org/fhir' })
  await server.put({ resourceType: 'ValueSet', id: 'v4', url: 'urn:acme' })
})
afterAll(() => server.stop())

test.each([
  ['Patient?gender:missing=true', 'p3'],
  ['Patient?gender:missing=false', 'p1 p2'],
  ['Patient?birthdate:missing=true', 'p2 p3'],
  ['Patient?birthdate:missing=false', 'p1'],
  ['Patient?family:missing=true', 'p3'],
  ['Patient?family:missing=false', 'p1 p2'],
  ['Patient?_id:missing=true', ''],
  ['Patient?_id:missing=false', 'p1 p2 p3'],
  // a display, a text or a unit is a value, even though nothing finds it
  ['Patient?general-practitioner:missing=true', ''],
  ['Observation?code:missing=true', ''],
  ['Observation?value-quantity:missing=false', 'o1 o2'],
  ['Observation?subject:missing=true', 'o2'],
  ['Patient?gender:missing=true&_id=p3', 'p3'],
  // a code has the system of its binding (R4 search.html#token)
  ['Patient?gender=http://hl7.org/fhir/administrative-gender|female', 'p1'],
  ['Patient?gender=http://hl7.org/fhir/administrative-gender|', 'p1 p2'],
  ['Patient?gender=urn:other|female', ''],
  ['Patient?gender:not=http://hl7.org/fhir/administrative-gender|male', 'p1 p3'],
  ['Patient?gender:not=male', 'p1 p3'],
  ['Patient?gender:not=male,female', 'p3'],
  ['Patient?_id:not=p1', 'p2 p3'],
  ['Patient?family=noor', 'p2'],
  ['Patient?family:exact=Al Noor', 'p1'],
  ['Patient?family:exact=al noor', ''],
  ['Patient?family:exact=Al', ''],
  ['Patient?family:contains=NOOR', 'p1 p2'],
  ['Patient?family:contains=r.a', 'p2'],
  ['Patient?family:contains=n.o', ''],
  ['Patient?given:contains=oe', 'p1'],
  ['Patient?identifier:of-type=' + encodeURIComponent(`${v2}|MR|7`), 'p1'],
  ['Patient?identifier:text=cha', 'p1'],
  ['Patient?general-practitioner:Practitioner=x', 'p1'],
  ['Patient?general-practitioner:Organization=Organization/x', 'p2'],
  ['Patient?general-practitioner=x', 'p1 p2'],
  ['Observation?code:text=heart', 'o1 o2'],
  ['Observation?code:text=PULSE', 'o1'],
  ['Observation?subject:identifier=urn:mrn|7', 'o1'],
  ['ValueSet?url:below=http://acme.org/fhir', 'v1 v2 v3'],
  ['ValueSet?url:below=http://acme.org/fhir/ValueSet/1', 'v1'],
  ['ValueSet?url:above=http://acme.org/fhir/ValueSet/1/x', 'v1 v3'],
])('%s finds %s', async (search, ids) => {
  expect((await server.ids(search)).sort().join(' ')).toBe(ids)
})

test.each([
  ['Patient?gender:exact=male', ':missing, :not, :in, :not-in, :above, :below.'],
  ['Patient?gender:text=male', ':missing, :not, :in, :not-in, :above, :below.'],
  ['Patient?family:not=x', ':missing, :exact, :contains.'],
  ['Patient?family:text=x', ':missing, :exact, :contains.'],
  ['Patient?birthdate:not=2020', ':missing.'],
  ['Observation?code:of-type=a|b|c', ':missing, :not, :text, :in, :not-in, :above, :below.'],
  ['Patient?identifier:in=x', ':missing, :not, :text, :of-type.'],
  ['Observation?patient:below=x', ':missing, :identifier'],
  ['Patient?active:in=x', ':missing, :not.'],
  ['ValueSet?url:contains=x', ':missing, :below, :above.'],
  ['Observation?patient:Group=1', ':missing, :identifier, :Patient'],
  ['ValueSet?reference:identifier=x', ''],
  ['Patient?family:constructor=x', ':missing, :exact'],
  ['Patient?family:=x', ':missing, :exact'],
])('%s is refused with the modifiers there are', async (search, known) => {
  const { status, json } = await server.get(search)
  expect([status, json.issue?.[0]?.code]).toEqual([400, 'not-supported'])
  expect(json.issue?.[0]?.diagnostics).toContain(known)
})

test.each([
  'Patient?gender:missing=maybe',
  'Patient?gender:missing=true,false',
  'Patient?identifier:of-type=MR|7',
  'Patient?family:contains=%CC%81',
  'Patient?general-practitioner:Practitioner=Organization/x',
  'ValueSet?url:below=urn:acme',
])('%s is refused for its value', async (search) => {
  expect((await server.get(search)).status).toBe(400)
})

test('the self link keeps the modifier', async () => {
  const { json } = await server.get('Patient?gender:not=male')
  expect(json.link?.[0]?.url).toContain('/Patient?gender:not=male&')
})
