/** $everything over HTTP: whose record it is, what it refers to, nobody else's, page by page and as one stream. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Bundle, FhirServer, Sample } from '../../support/fhir-server.ts'
import { startFhirServer } from '../../support/fhir-server.ts'

const OLD = '2020-01-01T00:00:00.000Z'
const NEW = '2025-01-01T00:00:00.000Z'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ limits: { everythingEntries: 700 } })
  const put = (sample: Sample, at = OLD): Promise<string> => server.put(sample, { at })
  await put({ resourceType: 'Patient', id: 'a', managingOrganization: { reference: 'Organization/clinic' } })
  await put({ resourceType: 'Patient', id: 'b', link: [{ other: { reference: 'Patient/none' }, type: 'seealso' }] })
  await put({ resourceType: 'Organization', id: 'clinic', partOf: { reference: 'Organization/group' } })
  await put({ resourceType: 'Organization', id: 'group' })
  await put({ resourceType: 'Organization', id: 'unrelated' })
  await put({ resourceType: 'Practitioner', id: 'd' })
  await put({ resourceType: 'Medication', id: 'm' })
  await put({
    resourceType: 'Encounter',
    id: 'e',
    status: 'finished',
    subject: { reference: 'Patient/a' },
    period: { start: '2024-03-01', end: '2024-03-02' },
    participant: [{ individual: { reference: 'Practitioner/d' } }],
    diagnosis: [{ condition: { reference: 'Condition/c' } }],
  })
  await put({
    resourceType: 'Condition',
    id: 'c',
    subject: { reference: 'Patient/a' },
    onsetDateTime: '2010',
    asserter: { reference: `${server.origin}/fhir/R4/Practitioner/d` },
  })
  await put({
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    subject: { reference: 'Patient/a' },
    encounter: { reference: 'Encounter/e' },
    effectiveDateTime: '2024-03-01',
    performer: [{ reference: 'Practitioner/d' }],
    hasMember: [{ reference: 'Observation/of-b' }],
    note: [{ text: 'text that says "reference":"Organization/unrelated"' }],
  })
  await put(
    {
      resourceType: 'MedicationRequest',
      id: 'r',
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/a' },
      medicationReference: { reference: 'Medication/m' },
      authoredOn: '2019-06-01',
    },
    NEW,
  )
  await put({
    resourceType: 'Observation',
    id: 'of-b',
    status: 'final',
    subject: { reference: 'Patient/b' },
    performer: [{ reference: 'Patient/b' }],
  })
  await put({ resourceType: 'Device', id: 'of-b', patient: { reference: 'Patient/b' } })
  await put({
    resourceType: 'Procedure',
    id: 'p',
    status: 'completed',
    subject: { reference: 'Patient/a' },
    usedReference: [{ reference: 'Device/of-b' }],
  })
  await put({ resourceType: 'Patient', id: 'gone' })
  await server.put({ resourceType: 'Patient', id: 'gone' }, { deleted: true })
})
afterAll(() => server.stop())

function found({ entry = [] }: Bundle, mode: string): string[] {
  return entry
    .filter(({ search }) => search?.mode === mode)
    .map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)
}

const RECORD = ['Patient/a', 'Condition/c', 'Encounter/e', 'MedicationRequest/r', 'Observation/o', 'Procedure/p']
const REFERRED = ['Medication/m', 'Organization/clinic', 'Organization/group', 'Practitioner/d']

test('the record of a patient comes whole, with what it refers to and nothing of another patient', async () => {
  const { status, json, headers } = await server.get('Patient/a/$everything')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toMatch(/^application\/fhir\+json/)
  expect(json).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 6 })
  expect(found(json, 'match')).toEqual(RECORD)
  expect(found(json, 'include')).toEqual(REFERRED)
  expect(json.link).toEqual([{ relation: 'self', url: `${server.origin}/fhir/R4/Patient/a/$everything` }])
  expect(json.entry?.map(({ fullUrl }) => fullUrl)).toContain(`${server.origin}/fhir/R4/Observation/o`)
})

test('pages of a record give the same, each with what its own resources refer to', async () => {
  const pages = await server.pages('Patient/a/$everything?_count=2')
  expect(pages).toHaveLength(3)
  expect(pages.map(({ total }) => total)).toEqual([6, 6, 6])
  expect(pages.flatMap((page) => found(page, 'match'))).toEqual(RECORD)
  expect(found(pages[0] as Bundle, 'include')).toEqual(['Organization/clinic', 'Organization/group', 'Practitioner/d'])
  expect(found(pages[1] as Bundle, 'include')).toEqual(['Medication/m', 'Practitioner/d'])
})

test('pages of one resource end, and a page token fits no other query', async () => {
  expect(await server.pages('Patient/a/$everything?_count=1')).toHaveLength(6)
  const next = (await server.get('Patient/a/$everything?_count=1')).json.link?.find(
    ({ relation }) => relation === 'next',
  )
  expect((await server.get((next?.url ?? '').replace('Patient/a', 'Patient/b'))).status).toBe(400)
})

test('what is written while pages are turned is in none of them', async () => {
  const first = await server.get('Patient/a/$everything?_count=3')
  await server.put({ resourceType: 'Observation', id: 'z', status: 'final', subject: { reference: 'Patient/a' } })
  await server.put({ resourceType: 'Observation', id: 'z', status: 'final' }, { deleted: true })
  const next = first.json.link?.find(({ relation }) => relation === 'next')
  const rest = await server.pages(next?.url ?? '')
  expect([first.json, ...rest].flatMap((page) => found(page, 'match'))).toEqual(RECORD)
})

test.each([
  ['_type=Observation,Practitioner', ['Observation/o'], ['Practitioner/d']],
  ['_type=Observation&_type=Patient', ['Patient/a', 'Observation/o'], []],
  ['_since=2024-01-01T00:00:00Z', ['MedicationRequest/r'], ['Medication/m']],
  // A condition lasts, and a procedure without a date may be of any time
  [
    'start=2024-01-01&end=2024-12-31',
    ['Patient/a', 'Condition/c', 'Encounter/e', 'Observation/o', 'Procedure/p'],
    ['Organization/clinic', 'Organization/group', 'Practitioner/d'],
  ],
  ['end=2019-12-31&_type=Encounter,Condition,MedicationRequest', ['Condition/c', 'MedicationRequest/r'], []],
  ['end=2009-12-31&_type=Condition', [], []],
])('%s answers %j', async (query, matches, included) => {
  const { json } = await server.get(`Patient/a/$everything?${query}`)
  expect(found(json, 'match')).toEqual(matches)
  expect(found(json, 'include')).toEqual(included)
  expect(json.total).toBe(matches.length)
})

test('an encounter brings what happened in it, its patient and what it refers to of the same record', async () => {
  const { json } = await server.get('Encounter/e/$everything')
  expect(found(json, 'match')).toEqual(['Encounter/e', 'Observation/o'])
  expect(found(json, 'include')).toEqual([
    'Condition/c',
    'Organization/clinic',
    'Organization/group',
    'Patient/a',
    'Practitioner/d',
  ])
})

test('all patients bring the records of all, page by page', async () => {
  const pages = await server.pages('Patient/$everything?_count=4&_type=Patient,Observation,Organization')
  expect(pages.flatMap((page) => found(page, 'match')).sort()).toEqual([
    ...['Observation/o', 'Observation/of-b', 'Patient/a', 'Patient/b'],
  ])
  expect(pages.flatMap((page) => found(page, 'include'))).toEqual(['Organization/clinic', 'Organization/group'])
})

test('more than is answered at once comes with a link to the next page', async () => {
  const { resources } = server.store
  const template = await resources.findOne({ _id: 'default/Observation/of-b' })
  if (!template) throw new Error('There is no Observation to copy.')
  const body = template.body.replace('Observation","id":"of-b"', 'Observation","id":"many"')
  await resources.insertMany(
    Array.from({ length: 900 }, (_, i) => ({ ...template, _id: `default/Observation/many-${i}`, body })),
  )
  const { json } = await server.get('Patient/b/$everything')
  expect(json.total).toBe(902)
  expect(found(json, 'match')).toHaveLength(700)
  const next = json.link?.find(({ relation }) => relation === 'next')
  const rest = await server.pages(next?.url ?? '')
  expect(rest.flatMap((page) => found(page, 'match'))).toHaveLength(202)
})

test('in a batch it is an entry like any other', async () => {
  const entry = [{ request: { method: 'GET', url: 'Patient/a/$everything?_type=Patient' } }]
  const { json } = await server.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry })
  expect(json.entry?.[0]).toMatchObject({ response: { status: '200' }, resource: { resourceType: 'Bundle', total: 1 } })
})

test.each([
  ['Patient/nobody/$everything', 404],
  ['Patient/gone/$everything', 410],
  ['Patient/a/$everything?_type=Nothing', 400],
  ['Patient/a/$everything?_count=0', 400],
  ['Patient/a/$everything?start=yesterday', 400],
  ['Encounter/e/$everything?start=2024-01-01', 400],
  ['Encounter/$everything', 400],
  ['/t/other/fhir/R4/Patient/a/$everything', 404],
])('%s is answered %i', async (path, status) => {
  expect((await server.get(path)).status).toBe(status)
})

test('Parameters ask the same', async () => {
  const parameter = [{ name: '_type', valueCode: 'Encounter' }]
  const { json } = await server.send('POST', 'Patient/a/$everything', { resourceType: 'Parameters', parameter })
  expect(found(json, 'match')).toEqual(['Encounter/e'])
})
