/** `_include` and `_revinclude` bring what the page's resources point at and what points at them, once and marked. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { documentsOf, type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const organization = (id: string, partOf?: string) =>
    server.put({ resourceType: 'Organization', id, ...(partOf && { partOf: { reference: `Organization/${partOf}` } }) })
  await organization('o1', 'o2')
  await organization('o2', 'o3')
  await organization('o3', 'o1')
  await server.put({ resourceType: 'Patient', id: 'p1', managingOrganization: { reference: 'Organization/o1' } })
  await server.put({
    resourceType: 'Patient',
    id: 'p2',
    link: [{ other: { reference: 'Patient/gone' }, type: 'seealso' }],
  })
  await server.put({ resourceType: 'Patient', id: 'gone' })
  await server.put({ resourceType: 'Patient', id: 'gone' }, { deleted: true })
  const observation = (id: string, subject: string) =>
    server.put({ resourceType: 'Observation', id, status: 'final', subject: { reference: subject } })
  await observation('b1', 'Patient/p1')
  await observation('b2', 'Patient/p1')
  await observation('b3', 'Group/g1')
  await observation('b4', `${server.origin}/fhir/R4/Patient/p2`)
  await server.put({ resourceType: 'Group', id: 'g1', type: 'person', actual: true })
  await server.put({ resourceType: 'DiagnosticReport', id: 'r1', result: [{ reference: 'Observation/b1' }] })
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: '1', name: 'North' })
  await server.put({ resourceType: 'Observation', id: 'x', subject: { reference: 'Patient/p1' } }, { tenant: 'north' })
})
afterAll(() => server.stop())

test.each([
  ['Observation?_id=b1,b2&_include=Observation:subject', 'b1 b2', 'p1'],
  ['Observation?_include=Observation:subject:Group', 'b1 b2 b3 b4', 'g1'],
  ['Observation?_id=b4&_include=Observation:patient', 'b4', 'p2'],
  ['Observation?_id=b1,b3&_include=*', 'b1 b3', 'g1 p1'],
  ['Observation?_id=b1&_include=Observation:*', 'b1', 'p1'],
  ['Observation?_id=b1&_include=Observation:subject&_include:iterate=Patient:organization', 'b1', 'o1 p1'],
  ['Organization?_id=o1&_include=Organization:partof', 'o1', 'o2'],
  ['Organization?_id=o1&_include:iterate=Organization:partof', 'o1', 'o2 o3'],
  ['Patient?_id=p1&_revinclude=Observation:subject', 'p1', 'b1 b2'],
  ['Patient?_id=p1&_revinclude=Observation:*', 'p1', 'b1 b2'],
  ['Patient?_id=p1&_revinclude=*', 'p1', 'b1 b2'],
  ['Patient?_id=p1&_revinclude=Observation:subject&_revinclude:iterate=DiagnosticReport:result', 'p1', 'r1 b1 b2'],
  ['Patient?_id=p1&_include=Patient:organization&_revinclude=Observation:patient', 'p1', 'b1 b2 o1'],
  // what is deleted, or a match already, does not come again
  ['Patient?_id=p2&_include=Patient:link', 'p2', ''],
  ['Organization?_include=Organization:partof', 'o1 o2 o3', ''],
  ['Observation?_count=0&_include=*', '', ''],
])('%s matches %s and includes %s', async (search, matches, included) => {
  const { status, json } = await server.get(search)
  const ids = (mode: string): string =>
    (json.entry ?? []).flatMap(({ resource, search: found }) => (found?.mode === mode ? [resource?.id] : [])).join(' ')
  expect([status, ids('match'), ids('include')]).toEqual([200, matches, included])
  if (matches !== '') expect(json.total).toBe(matches.split(' ').length)
})

test.each([
  ['Observation?_include=Observation:colour', 'no reference parameter'],
  ['Observation?_include=subject', 'takes Type:reference'],
  ['Observation?_include=Observation:subject:Thing', 'takes Type:reference'],
  ['Observation?_include=Patient:organization', 'brings nothing'],
  ['Observation?_include=Observation:subject:Practitioner', 'brings nothing'],
  ['Patient?_revinclude=Observation:device', 'brings nothing'],
  ['Patient?_include:recurse=Patient:link', 'no modifier'],
])('%s is refused', async (search, sentence) => {
  const { status, json } = await server.get(search)
  expect([status, json.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining(sentence)])
})

test('more than a page may bring is refused, not cut', async () => {
  await server.store.tenants.insertOne({ _id: 'many', instance: 'q', key: '2', name: 'Many' })
  const subject = { reference: 'Patient/p1' }
  const documents = Array.from({ length: 1001 }, (_, index) =>
    documentsOf({ resourceType: 'Observation', id: String(index), subject }, { tenant: 'many' }),
  )
  await server.store.resources.insertMany(documents.map(({ document }) => document))
  await server.put({ resourceType: 'Patient', id: 'p1' }, { tenant: 'many' })
  const { status, json } = await server.get('/t/many/fhir/R4/Patient?_revinclude=Observation:subject')
  expect([status, json.issue?.[0]?.code]).toEqual([413, 'too-costly'])
}, 30_000)

test('the CapabilityStatement lists the same', async () => {
  const { json } = await server.get('metadata')
  const [rest] = (json as unknown as { rest: { resource: Record<string, unknown>[] }[] }).rest
  const patient = rest?.resource.find(({ type }) => type === 'Patient')
  expect(patient?.['searchInclude']).toContain('Patient:organization')
  expect(patient?.['searchRevInclude']).toContain('Observation:patient')
})
