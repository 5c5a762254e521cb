/** Searches of everything, of some types and of compartments see what a search of each type would, and no more. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'
import { validationErrors } from '../../support/validate.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const tag = { meta: { tag: [{ system: 'urn:t', code: 'x' }] } }
  const at = (minute: number) => ({ at: `2025-01-01T00:0${minute}:00.000Z` })
  await server.put({ resourceType: 'Patient', id: 'p1', ...tag, name: [{ family: 'Noor' }] }, at(1))
  await server.put({ resourceType: 'Patient', id: 'p2', link: [{ other: { reference: 'Patient/p1' } }] }, at(5))
  await server.put({ resourceType: 'Patient', id: 'gone' })
  await server.put({ resourceType: 'Patient', id: 'gone' }, { deleted: true })
  const observation = (id: string, rest: object, minute = 2) =>
    server.put({ resourceType: 'Observation', id, status: 'final', ...rest }, at(minute))
  const subject = { reference: 'Patient/p1' }
  await observation('b1', {
    ...tag,
    subject,
    effectiveDateTime: '2024-01-01',
    encounter: { reference: 'Encounter/e1' },
  })
  await observation(
    'b2',
    { subject, effectiveDateTime: '2024-02-01', performer: [{ reference: 'Practitioner/d1' }] },
    3,
  )
  await observation('b3', { performer: [{ reference: 'Patient/p1' }], effectiveDateTime: '2024-03-01' })
  await observation('b4', { subject: { reference: 'Patient/p2' }, device: { reference: 'Device/v1' } })
  await observation('b5', { subject: { reference: 'Group/p1' }, performer: [{ reference: 'RelatedPerson/r1' }] })
  await server.put(
    { resourceType: 'Condition', id: 'c1', ...tag, subject, encounter: { reference: 'Encounter/e1' } },
    at(4),
  )
  await server.put({ resourceType: 'Encounter', id: 'e1', status: 'finished', subject }, at(0))
  // Not in a compartment by this: only what the definition names counts
  await server.put({ resourceType: 'Condition', id: 'c2', evidence: [{ detail: [subject] }] }, at(6))
  for (const [resourceType, id] of [
    ['Practitioner', 'd1'],
    ['Device', 'v1'],
    ['RelatedPerson', 'r1'],
  ] as const)
    await server.put({ resourceType, id }, at(7))
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: '1', name: 'North' })
  const north = { tenant: 'north' }
  await server.put({ resourceType: 'Patient', id: 'p1', ...tag }, north)
  await server.put({ resourceType: 'Observation', id: 'b1', ...tag, subject }, north)
})
afterAll(() => server.stop())

const everything = 'c1 c2 v1 e1 b1 b2 b3 b4 b5 p1 p2 d1 r1'

test.each([
  ['Patient/p1/Observation', 'b1 b2 b3'],
  ['Patient/p1/Observation?date=ge2024-02', 'b2 b3'],
  ['Patient/p1/Observation?_sort=-date', 'b3 b2 b1'],
  ['Patient/p1/Observation?patient.family=noor', 'b1 b2'],
  ['Patient/p1/Observation?_has:DiagnosticReport:result:code=x', ''],
  ['Patient/p1/Condition', 'c1'],
  ['Patient/p1/Patient', 'p1 p2'],
  ['Patient/p1/*', 'c1 e1 b1 b2 b3 p1 p2'],
  ['Patient/p1/*?_type=Observation,Condition', 'c1 b1 b2 b3'],
  ['Patient/p1/*?_type=Observation,Condition&_tag=x', 'c1 b1'],
  ['Patient/p1/*?_id=b1,p1', 'b1 p1'],
  ['Patient/p1/*?_sort=-_lastUpdated&_type=Observation,Condition,Encounter', 'c1 b2 b3 b1 e1'],
  ['Encounter/e1/Observation', 'b1'],
  ['Encounter/e1/*', 'c1 e1 b1'],
  ['Practitioner/d1/Observation', 'b2'],
  ['Practitioner/d1/*', 'b2 d1'],
  ['RelatedPerson/r1/*', 'b5 r1'],
  ['Device/v1/Observation', 'b4'],
  ['/fhir/R4', everything],
  ['/fhir/R4?_type=Patient', 'p1 p2'],
  ['/fhir/R4?_type=Condition,Patient', 'c1 c2 p1 p2'],
  ['/fhir/R4?_tag=urn:t|x', 'c1 b1 p1'],
  ['/fhir/R4?_tag:not=urn:t|x', 'c2 v1 e1 b2 b3 b4 b5 p2 d1 r1'],
  ['/fhir/R4?_id=p1,b1,gone', 'b1 p1'],
  ['/fhir/R4?_lastUpdated=ge2025-01-01T00:06Z', 'c2 v1 d1 r1'],
  ['/fhir/R4?_type=Observation,Condition&patient=p1', 'c1 b1 b2'],
  ['/fhir/R4?_type=Observation,Condition&subject=Patient/p1', 'c1 b1 b2'],
  ['/fhir/R4?_type=Observation,Condition&patient.family=noor', 'c1 b1 b2'],
  ['/fhir/R4?_type=Encounter,Observation&date=ge2024-02&_sort=date', 'b2 b3'],
  ['/fhir/R4?_type=Group,Patient&_has:Condition:subject:_tag=x', 'p1'],
])('%s finds %s', async (search, ids) => {
  const { status, json, text } = await server.get(search)
  expect([status, text.slice(0, status === 200 ? 0 : 500)]).toEqual([200, ''])
  const found = (json.entry ?? []).map(({ resource }) => resource?.id)
  expect(found.join(' ')).toBe(ids)
  expect(json.total).toBe(found.length)
  const errors = validationErrors(json as unknown as Resource)
  expect(errors.filter((each) => !each.startsWith('Bundle.entry['))).toEqual([])
})

test.each([
  ['Patient/p1/Medication', 400, 'never in the compartment'],
  ['Patient/p1/*?_type=Medication', 400, '"Medication"'],
  ['Patient/p1/*?code=x', 400, 'all have _id'],
  ['Patient/p1/Thing', 404, 'nothing'],
  ['Organization/o1/Patient', 404, 'nothing'],
  ['Patient/none/Observation', 404, 'no Patient with this id'],
  ['Patient/gone/Observation', 404, 'no Patient with this id'],
  ['Patient/p1/Observation?colour=x', 400, 'colour'],
  ['Patient?_type=Patient', 400, '_type'],
  ['Patient?_contained=true', 400, 'Contained resources'],
  ['Patient?_summary=text&_include=*', 400, '_summary=text'],
  ['/fhir/R4?_type=Thing', 400, '"Thing"'],
  ['/fhir/R4?_type=', 400, '_type'],
  ['/fhir/R4?_type=Patient&_type=Observation', 400, 'once'],
  ['/fhir/R4?family=x', 400, 'Not all types'],
  ['/fhir/R4?_type=Patient,Observation&family=x', 400, 'Not all types'],
  ['/fhir/R4?_has:Observation:patient:code=x', 400, 'never points at'],
  ['/fhir/R4?_sort=family', 400, 'sorted'],
])('%s is answered %i', async (search, status, sentence) => {
  const answer = await server.get(search)
  expect([answer.status, answer.json.issue?.[0]?.diagnostics]).toEqual([status, expect.stringContaining(sentence)])
})

test('the self link asks the same again, and every page is of all types', async () => {
  for (const path of ['/fhir/R4', '/fhir/R4?_type=Patient,Observation&_sort=-_lastUpdated', 'Patient/p1/*']) {
    const whole = (await server.get(path)).json
    const self = whole.link?.[0]?.url as string
    expect((await server.get(self)).json).toEqual(whole)
    const pages = await server.pages(`${path}${path.includes('?') ? '&' : '?'}_count=2`)
    expect(pages.flatMap(({ entry = [] }) => entry)).toEqual(whole.entry)
    expect(pages.length).toBeGreaterThan(2)
  }
})

test('includes of a search of several types follow those of each', async () => {
  const { json } = await server.get('/fhir/R4?_type=Observation,Condition&_id=b2,c1&_include=*')
  const included = (json.entry ?? []).filter(({ search }) => search?.mode === 'include')
  expect(included.map(({ resource }) => resource?.id)).toEqual(['e1', 'p1', 'd1'])
  const back = await server.get('/fhir/R4?_type=Patient,Encounter&_id=p1,e1&_revinclude=Condition:encounter')
  expect(back.json.entry?.map(({ resource }) => resource?.id)).toEqual(['e1', 'p1', 'c1'])
})

test('each of them may be a form, and parameters of form and address count together', async () => {
  const form = async (path: string, body: string): Promise<unknown> => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const { json } = await server.get(path, { method: 'POST', body, headers })
    return json.entry?.map(({ resource }) => resource?.id).join(' ') ?? json.issue?.[0]?.diagnostics
  }
  expect(await form('_search', '_type=Patient,Condition&_tag=x')).toBe('c1 p1')
  expect(await form('_search?_type=Patient,Condition', '_tag=x')).toBe('c1 p1')
  expect(await form('Patient/p1/Observation/_search', 'date=ge2024-02')).toBe('b2 b3')
  expect(await form('Patient/p1/Observation/_search?date=ge2024-02', 'date=le2024-02-15')).toBe('b2')
  expect(await form('Patient/p1/*/_search', '_type=Condition')).toBe('c1')
  expect(await form('Observation/_search?_count=1', '_sort=-date')).toBe('b3')
  expect(await form('Observation/_search?_count=1', '_count=2')).toContain('once')
  expect((await server.get('_search')).status).toBe(405)
  expect((await server.get('Patient/p1/Observation/_search')).status).toBe(405)
})

test('one tenant sees nothing of another', async () => {
  const base = '/t/north/fhir/R4'
  for (const [path, ids] of [
    [base, ['b1', 'p1']],
    [`${base}?_tag=x`, ['b1', 'p1']],
    [`${base}/Patient/p1/*`, ['b1', 'p1']],
  ] as const)
    expect((await server.get(path)).json.entry?.map(({ resource }) => resource?.id)).toEqual(ids)
  const next = (await server.get('/fhir/R4?_count=1')).json.link?.find(({ relation }) => relation === 'next')
    ?.url as string
  expect((await server.get(next.replace('/fhir/R4', base))).status).toBe(400)
})
