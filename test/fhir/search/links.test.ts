/** Chains and `_has`, deep and within each other, never see more than a plain search would. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { documentsOf, type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  await server.put({ resourceType: 'Organization', id: 'o1', name: 'Clinic' })
  await server.put({ resourceType: 'Practitioner', id: 'd1', name: [{ family: 'Haddad' }] })
  const patient = (id: string, family: string, rest: object = {}) =>
    server.put({ resourceType: 'Patient', id, name: [{ family }], ...rest })
  await patient('p1', 'Noor', { managingOrganization: { reference: 'Organization/o1' } })
  await patient('p2', 'Saleh', { gender: 'male', generalPractitioner: [{ reference: 'Practitioner/d1' }] })
  await patient('p3', 'Noor')
  await server.put({ resourceType: 'Patient', id: 'p3' }, { deleted: true })
  await server.put({ resourceType: 'Group', id: 'p1', type: 'person', actual: true, code: { coding: [{ code: 'g' }] } })
  const observation = (id: string, subject: string, code: string) =>
    server.put({ resourceType: 'Observation', id, code: { coding: [{ code }] }, subject: { reference: subject } })
  await observation('b1', 'Patient/p1', 'hr')
  await observation('b2', 'Patient/p2', 'hr')
  await observation('b3', 'Group/p1', 'bp')
  await observation('b4', 'Patient/p3', 'rr')
  await server.put({ resourceType: 'DiagnosticReport', id: 'r1', result: [{ reference: 'Observation/b2' }] })
  const north = { tenant: 'north' }
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: '1', name: 'North' })
  await server.put({ resourceType: 'Patient', id: 'p2', name: [{ family: 'Noor' }] }, north)
  await server.put(
    { resourceType: 'Observation', id: 'x', subject: { reference: 'Patient/p2' }, code: { coding: [{ code: 'n' }] } },
    north,
  )
})
afterAll(() => server.stop())

test.each([
  ['Observation?subject:Patient.family=noor', 'b1'],
  ['Observation?patient.family=noor,saleh', 'b1 b2'],
  ['Observation?subject.family=noor', 'b1'],
  ['Observation?subject.code=g', 'b3'],
  ['Observation?subject.gender:not=male', 'b1'],
  ['Observation?patient.organization.name=cli', 'b1'],
  ['Observation?patient.general-practitioner:Practitioner.family=haddad', 'b2'],
  ['DiagnosticReport?result.patient.general-practitioner:Practitioner.family=haddad', 'r1'],
  ['Observation?patient.family=nobody', ''],
  ['Observation?patient.family=noor&code=bp', ''],
  ['Patient?_has:Observation:patient:code=hr', 'p1 p2'],
  ['Patient?_has:Observation:subject:code=bp', ''],
  ['Patient?_has:Observation:patient:code=rr', ''],
  ['Patient?_has:Observation:patient:code=n', ''],
  ['Patient?_has:Observation:patient:code=hr&family=noor', 'p1'],
  ['Patient?_has:Observation:patient:_has:DiagnosticReport:result:_id=r1', 'p2'],
  ['Organization?_has:Patient:organization:_has:Observation:patient:code=hr', 'o1'],
  ['Observation?patient._has:Observation:patient:code=hr', 'b1 b2'],
  ['Patient?_has:DiagnosticReport:patient:result.code=hr', ''],
  ['Patient?_has:Observation:patient:patient.family=saleh', 'p2'],
])('%s finds %s', async (search, ids) => {
  expect((await server.ids(search)).sort().join(' ')).toBe(ids)
})

test.each([
  ['Observation?subject:Practitioner.family=x', 'never points at'],
  ['Observation?code.family=x', 'no reference parameter "code"'],
  ['Observation?subject.colour=x', 'no search parameter "colour"'],
  ['Observation?subject:Patient.family:below=x', 'no modifier'],
  ['Patient?_has:Observation:code=x', 'is written'],
  ['Patient?_has:Observation:device:code=x', 'never points at Patient'],
  ['Patient?_has:Thing:patient:code=x', 'is written'],
  ['Patient?_has:Observation:colour:code=x', 'no reference parameter'],
  ['Patient?_has:Observation:patient:colour=x', 'no search parameter'],
  ['Provenance?target._id=x', 'points at many types'],
])('%s is refused', async (search, sentence) => {
  const { status, json } = await server.get(search)
  expect([status, json.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining(sentence)])
})

test('too many steps, and too many ends of one, are refused', async () => {
  const deep = await server.get(`Patient?${'link:Patient.'.repeat(9)}family=x`)
  expect([deep.status, deep.json.issue?.[0]?.code]).toEqual([413, 'too-costly'])
  await server.store.tenants.insertOne({ _id: 'many', instance: 'q', key: '2', name: 'Many' })
  const documents = Array.from({ length: 10_001 }, (_, index) => {
    const resource = { resourceType: 'Patient', id: String(index), gender: 'male' }
    return documentsOf(resource, { tenant: 'many' }).document
  })
  await server.store.resources.insertMany(documents)
  const wide = await server.get('/t/many/fhir/R4/Observation?patient.gender=male')
  expect([wide.status, wide.json.issue?.[0]?.code]).toEqual([413, 'too-costly'])
  expect((await server.get('/t/many/fhir/R4/Observation?patient.gender=male&patient._id=7')).status).toBe(413)
}, 60_000)

test('the self link and the next page ask the same', async () => {
  const pages = await server.pages('Observation?patient._has:Observation:patient:code=hr&_count=1')
  expect(pages.flatMap(({ entry = [] }) => entry.map(({ resource }) => resource?.id))).toEqual(['b1', 'b2'])
  expect(pages[0]?.link?.[0]?.url).toContain('patient._has:Observation:patient:code=hr')
})
