/** Scopes with search parameters, `?category=laboratory`, on every path (checklist SC05, X9). */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { bearer, callersOf, type Tokens } from '../../support/callers.ts'
import { type Answer, type FhirServer, type Sample, startFhirServer } from '../../support/fhir-server.ts'

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
const LAB = `Observation.cruds?category=${CATEGORY}|laboratory`
const tokens: Tokens = {
  lab: { scope: `system/${LAB}` },
  patientLab: { scope: `patient/${LAB} patient/Patient.rs`, patient: 'p1' },
  two: { scope: `system/${LAB} system/Observation.rs?category=survey` },
  final: { scope: `system/Observation.rs?category=laboratory&status=final` },
  patients: { scope: 'system/Patient.rs' },
  labAndPatients: { scope: `system/${LAB} system/Patient.rs` },
}

function observation(id: string, category: string, more: object = {}): Sample {
  return {
    ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'x' } },
    ...{ subject: { reference: 'Patient/p1' }, category: [{ coding: [{ system: CATEGORY, code: category }] }] },
    ...more,
  }
}

const samples = [
  { resourceType: 'Patient', id: 'p1' },
  observation('lab', 'laboratory'),
  observation('lab2', 'laboratory', { subject: { reference: 'Patient/p2' }, status: 'amended' }),
  observation('vital', 'vital-signs', { hasMember: [{ reference: 'Observation/lab' }] }),
  observation('survey', 'survey', { derivedFrom: [{ reference: 'Observation/vital' }] }),
  // the same code of another system is another code
  observation('other', 'x', { category: [{ coding: [{ system: 'urn:other', code: 'laboratory' }] }] }),
]

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf(tokens) })
})
afterAll(() => server.stop())
beforeEach(async () => {
  for (const sample of samples) await server.put(sample)
})

function get(path: string, token = 'lab'): Promise<Answer> {
  return server.get(path, bearer(token))
}

async function ids(path: string, token = 'lab'): Promise<string[]> {
  const { status, json, text } = await get(path, token)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return (json.entry ?? []).map(({ resource }) => resource?.id ?? '').sort()
}

test('reads and searches find what has the category, with its system where that was said', async () => {
  for (const id of ['lab', 'lab2']) expect((await get(`Observation/${id}`)).status).toBe(200)
  const never = await get('Observation/never-was')
  for (const id of ['vital', 'survey', 'other']) {
    const { status, text } = await get(`Observation/${id}`)
    expect([status, text]).toEqual([404, never.text])
  }
  expect(await ids('Observation')).toEqual(['lab', 'lab2'])
  expect((await get('Observation?_summary=count')).json.total).toBe(2)
  expect(await ids('Observation?category=vital-signs')).toEqual([])
  expect(await ids('Observation', 'patientLab')).toEqual(['lab'])
  expect(await ids('Observation', 'two')).toEqual(['lab', 'lab2', 'survey'])
  expect(await ids('Observation', 'final')).toEqual(['lab', 'other'])
  expect(await ids('Patient/p1/Observation', 'labAndPatients')).toEqual(['lab'])
})

test('includes, chains and $everything are held to it', async () => {
  expect(await ids('Observation?_include=Observation:derived-from', 'two')).toEqual(['lab', 'lab2', 'survey'])
  expect(await ids('Patient?_revinclude=Observation:patient', 'labAndPatients')).toEqual(['lab', 'p1'])
  expect(await ids('Patient?_has:Observation:patient:category=vital-signs', 'labAndPatients')).toEqual([])
  expect(await ids('Patient?_has:Observation:patient:category=laboratory', 'labAndPatients')).toEqual(['p1'])
  expect(await ids('Patient?_has:Observation:patient:category=laboratory', 'patients')).toEqual([])
  expect(await ids('Observation?has-member.status=final')).toEqual([])
  expect(await ids('Patient/p1/$everything', 'labAndPatients')).toEqual(['lab', 'p1'])
  expect(await ids('Observation/$lastn?subject=Patient/p1&max=9')).toEqual(['lab'])
})

test('versions that were of another category are hidden, and so is all of what is of another now', async () => {
  await server.put(observation('turned', 'vital-signs'))
  await server.put(observation('turned', 'laboratory'))
  await server.put(observation('left', 'laboratory'))
  await server.put(observation('left', 'vital-signs'))
  expect((await get('Observation/turned/_history/2')).status).toBe(200)
  expect((await get('Observation/turned/_history/1')).status).toBe(404)
  expect((await get('Observation/left/_history/1')).status).toBe(404)
  const { json } = await get('Observation/turned/_history')
  expect(json.entry?.map(({ response }) => response?.etag)).toEqual(['W/"2"'])
  const all = (await get('Observation/_history?_count=500')).json.entry?.map(({ fullUrl = '' }) => fullUrl)
  expect(all?.filter((url) => /left|vital|survey|other$/.test(url))).toEqual([])
  expect((await get('Observation/turned/$diff?fromVersion=1')).status).toBe(404)
})

test('what is created or left by an update has the category; nothing else is changed or deleted', async () => {
  const { headers } = bearer('lab')
  const body = (category: string) => ({ ...observation('x', category), id: undefined })
  expect((await server.send('POST', 'Observation', body('laboratory'), headers)).status).toBe(201)
  expect((await server.send('POST', 'Observation', body('vital-signs'), headers)).status).toBe(403)
  const put = (id: string, category: string) =>
    server.send('PUT', `Observation/${id}`, observation(id, category, { note: [{ text: 'n' }] }), headers)
  expect((await put('lab', 'laboratory')).status).toBe(200)
  expect((await put('lab', 'vital-signs')).status).toBe(403)
  expect((await put('vital', 'laboratory')).status).toBe(404)
  const patch = [{ op: 'replace', path: '/category/0/coding/0/code', value: 'survey' }]
  expect((await server.send('PATCH', 'Observation/lab', patch, headers)).status).toBe(403)
  expect((await server.send('DELETE', 'Observation/vital', undefined, headers)).status).toBe(404)
  expect((await server.send('DELETE', 'Observation/lab', undefined, headers)).status).toBe(204)
})
