/** What MongoDB does for a search, seen by its own profiler: it looks at little more than it gives. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { useSearchParameters } from '../../../src/r4/search-parameters.ts'
import { documentsOf, type FhirServer, type Sample, startFhirServer } from '../../support/fhir-server.ts'

const many = 6000

interface Profile {
  readonly planSummary: string
  readonly docsExamined: number
  readonly keysExamined: number
  readonly nreturned: number
}

let server: FhirServer
beforeAll(async () => {
  useSearchParameters([], { words: true })
  server = await startFhirServer()
  const stored = Array.from({ length: many }, (_, index) => [
    documents(observation(index)),
    documents(patient(index)),
    documents(location(index)),
  ])
  await server.store.resources.insertMany(stored.flat().map(({ document }) => document))
  await server.store.versions.insertMany(stored.flat().map(({ version }) => version))
  await server.store.db.setProfilingLevel('all')
}, 60_000)
afterAll(() => server.stop())

function id(index: number): string {
  return String(index).padStart(6, '0')
}

function observation(index: number): Sample {
  const day = new Date(Date.UTC(2000, 0, 1 + index)).toISOString().slice(0, 10)
  return {
    resourceType: 'Observation',
    id: id(index),
    status: index % 2 === 0 ? 'final' : 'amended',
    effectiveDateTime: day,
    subject: { reference: `Patient/${id(index % 600)}` },
    code: { coding: [{ system: 'urn:code', code: `c${index % 10}` }] },
    valueQuantity: { value: index, code: 'mg', system: 'http://unitsofmeasure.org' },
    component: [
      {
        code: { coding: [{ system: 'urn:code', code: `part${index % 10}` }] },
        valueCodeableConcept: { coding: [{ system: 'urn:value', code: `v${index % 200}` }] },
      },
      { code: { coding: [{ system: 'urn:code', code: 'when' }] }, valueString: 'later' },
    ],
  }
}

function patient(index: number): Sample {
  return {
    resourceType: 'Patient',
    id: id(index),
    name: [{ family: `family ${id(index)}` }],
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">Words w${index % 900} ${id(index)}</div>`,
    },
    gender: 'female',
    identifier: [{ system: `urn:sid:${index % 500}`, value: id(index) }],
    meta: { source: `urn:row:${index}`, tag: [{ system: 'urn:t', code: id(index % 700) }] },
  }
}

function location(index: number): Sample {
  return { resourceType: 'Location', id: id(index), position: { latitude: index / 80 - 30, longitude: 10 } }
}

function documents(resource: Sample): ReturnType<typeof documentsOf> {
  const at = new Date(Date.UTC(2025, 0, 1) + Number(resource.id) * 60_000).toISOString()
  return documentsOf(resource, { at })
}

async function profiled(search: string): Promise<Profile> {
  const start = new Date()
  expect((await server.get(search)).status).toBe(200)
  const [profile] = await server.store.db
    .collection('system.profile')
    .find({
      ns: server.store.resources.namespace,
      ts: { $gte: start },
      $or: [{ 'command.find': 'resources' }, { 'command.pipeline.$project.body': 1 }],
    })
    .sort({ ts: -1 })
    .limit(1)
    .toArray()
  return profile as unknown as Profile
}

test.each([
  'Observation?subject=Patient/000001',
  'Observation?subject=Patient/000001&status=final',
  'Observation?status=final&subject=Patient/000001',
  'Observation?status=final&code:missing=true&_sort=date&subject=Patient/000001',
  'Patient?gender=female&family=family 00012',
  'Patient?_tag=urn:t|000077&identifier=urn:sid:7|000007',
  'Observation?date=2005-03-03',
  'Observation?date=gt2016-05-20',
  'Observation?date=lt2000-01-20',
  'Observation?value-quantity=77',
  'Observation?value-quantity=lt20||mg',
  'Observation?_lastUpdated=lt2025-01-01T00:10:00Z',
  'Observation?_id=000007,000009',
  'Patient?family=family 00012',
  'Patient?family=family 00012|3',
  'Patient?family=family 00012,family 00077',
  'Patient?family=family 00012&gender=female',
  'Patient?identifier=urn:sid:7|000007',
  'Patient?identifier=urn:sid:7|',
  'Patient?identifier=000007,000008',
  'Patient?identifier=000007&_sort=-family',
  'Patient?gender=female&identifier=000007',
  'Patient?gender=female&_tag=urn:t|000077&family=family 00012',
  'Patient?_source=urn:row:77',
  'Patient?_source:below=http://row/77',
  'Patient?_text=w77',
  'Patient?_text=w77 words',
  'Patient?_content=w77',
  'Patient?_content=(w77 or w78) and words',
  'Patient?_text:missing=false&_count=10',
  'Location?near=10.0005|10|100|m',
  'Patient?_tag=urn:t|000077',
  'Observation?subject=000001',
  'Observation?subject=000001&_sort=-date&_count=5',
  'Observation?date=eb2000-01-20',
  'Observation?date=sa2016-05-20',
  'Observation?date=ge2016-05-20',
  'Observation?value-quantity=gt5990',
  'Observation?value-quantity=ge5990',
  'Observation?value-quantity=eb10',
  'Observation?value-quantity=sa5990||mg',
  'Observation?value-quantity=77|http://unitsofmeasure.org|mg',
  'Observation?value-quantity=0.077|http://unitsofmeasure.org|g',
  'Observation?value-quantity=gt5.99|http://unitsofmeasure.org|g',
  'Observation?code-value-quantity=urn:code|c7$77',
  'Observation?code-value-quantity=c7$gt5900',
  'Observation?code-value-quantity=c7$lt0.1|http://unitsofmeasure.org|g',
  'Observation?code-value-quantity=urn:code|c7$gt5900||mg',
  'Observation?combo-code-value-quantity=c7$lt100',
  'Observation?component-code-value-concept=part7$v7',
  'Observation?component-code-value-concept=urn:code|part7$urn:value|v7',
  'Observation?component-code-value-concept=part7$urn:value|v7',
  'Observation?combo-code-value-concept=part7$v7&status=amended',
  'Observation?combo-code=part7&_count=10',
  'Observation?code-value-quantity:missing=false&_count=10',
  'Observation?code-value-date:missing=true&_count=10',
  'Patient?gender=http://hl7.org/fhir/administrative-gender|female&_count=10',
  'Observation?_lastUpdated=ge2025-01-05T03:50:00Z',
  'Patient?gender=female&_count=10',
  'Patient?family=nobody',
  'Patient?_count=10',
  'Observation?_sort=-_lastUpdated&_count=10',
  'Patient?_sort=_lastUpdated&_count=10',
  'Observation?_sort=-_lastUpdated&status=final&_count=10',
  'Observation?_sort=-_lastUpdated&subject=Patient/000001&_count=10',
  'Observation?_lastUpdated=ge2025-01-05T03:50:00Z&status=final',
  'Observation?_lastUpdated=ge2025-01-05T03:50:00Z&status:not=final&_sort=date',
  'Observation?_lastUpdated=gt2025-01-02&subject=Patient/000001',
  'Patient?_lastUpdated=gt2025-01-02&_sort=-_lastUpdated&_count=10',
  'Patient?family:exact=family 000123',
  'Patient?gender:not=male&_count=10',
  'Patient?birthdate:missing=true&_count=10',
  'Patient?gender:missing=false&_count=10',
  'Observation?subject=Patient/000001&status:not=final',
  'Observation?subject:Patient=000001&code:missing=true',
])('%s is a tight range of an index', async (search) => {
  const { planSummary, docsExamined, keysExamined, nreturned } = await profiled(search)
  expect(planSummary).toMatch(/^IXSCAN/)
  expect({ search, planSummary, docsExamined, keysExamined, tight: docsExamined <= 3 * nreturned + 20 }).toMatchObject({
    tight: true,
  })
  expect(keysExamined).toBeLessThanOrEqual(3 * nreturned + 150)
})

test.each([
  'Observation?_lastUpdated=ge2025-01-05T03:50:00Z',
  'Observation?_lastUpdated=lt2025-01-01T00:10:00Z&status=final',
  'Patient?_sort=_lastUpdated&_count=10',
  'Patient?_sort=-_lastUpdated&_count=10',
])('for the time of %s no version is read, only its place in the index', async (search) => {
  const start = new Date()
  expect((await server.get(search)).status).toBe(200)
  const profiles = await server.store.db
    .collection('system.profile')
    .find({ ns: server.store.versions.namespace, ts: { $gte: start }, op: 'query' })
    .toArray()
  expect(profiles.length).toBeGreaterThan(0)
  for (const { planSummary, docsExamined, keysExamined } of profiles as unknown as Profile[]) {
    expect({ planSummary, docsExamined }).toEqual({ planSummary: 'IXSCAN { tt: 1, u: 1, _id: 1 }', docsExamined: 0 })
    expect(keysExamined).toBeLessThan(200)
  }
})

test.each([
  'Observation?patient.identifier=urn:sid:7|000007',
  'Patient?_has:Observation:patient:date=2005-03-03',
  'Observation?patient._has:Observation:patient:date=2005-03-03&status=final',
  'Patient?_has:Observation:patient:status:not=final&_id=000001',
  'Observation?subject=Patient/000001&_include=*',
  'Patient?_id=000001&_revinclude=Observation:subject',
  'Patient?_id=000001&_revinclude=*',
  'Patient?_list=000001',
  'Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender&_count=10',
  'Patient?_tag:not-in=http://hl7.org/fhir/ValueSet/administrative-gender&_count=10',
  'Patient?_filter=identifier eq urn:sid:7|000007 or birthdate eq 1990-01-01',
  'Patient?_filter=not (gender eq female)&_count=10',
  'Patient?_filter=gender ne female or name sw x&_count=10',
  'Observation?_filter=patient[gender eq female].identifier eq urn:sid:7|000007 and status eq final',
  'Patient/000001/Observation?_sort=-date&_count=5',
  'Patient/000001/Observation?status=final&date=ge2005',
  'Patient/000001/*',
  'Patient/000001/*?_type=Observation,Condition&_sort=-_lastUpdated',
  '/fhir/R4?_count=10&_total=none',
  '/fhir/R4?_tag=urn:t|000077',
  '/fhir/R4?_type=Patient,Observation&_count=10&_sort=-_lastUpdated',
  '/fhir/R4?_type=Patient,Observation&_tag=urn:t|000077&_sort=-_lastUpdated',
  '/fhir/R4?_id=000007&_total=none',
])('every step of %s has an index', async (search) => {
  const start = new Date()
  expect((await server.get(search)).status).toBe(200)
  const profiles = await server.store.db
    .collection('system.profile')
    .find({ ns: server.store.resources.namespace, ts: { $gte: start }, op: { $in: ['query', 'command'] } })
    .toArray()
  expect(profiles.length).toBeGreaterThan(0)
  for (const { planSummary } of profiles) expect(planSummary).toMatch(/^(IXSCAN|EXPRESS|IDHACK)/)
})

test.each(['Observation?subject=Patient/000001&_count=1', 'Patient?gender=female&_count=10'])(
  'the total of %s looks at no document',
  async (search) => {
    const start = new Date()
    expect((await server.get(search)).json.total).toBeGreaterThan(1)
    const [profile] = await server.store.db
      .collection('system.profile')
      .find({ ns: server.store.resources.namespace, ts: { $gte: start }, 'command.pipeline.$match': { $exists: true } })
      .sort({ ts: -1 })
      .toArray()
    expect(profile).toMatchObject({ docsExamined: 0 })
  },
)

test('a later page costs what the first does', async () => {
  let url = (await server.get('Patient?gender=female&_count=100')).json.link?.[1]?.url ?? ''
  for (let page = 0; page < 20; page++) url = (await server.get(url)).json.link?.[1]?.url ?? ''
  const { docsExamined } = await profiled(url)
  expect(docsExamined).toBeLessThan(150)
})
