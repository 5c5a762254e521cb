/** References to resources of this server, spelled relative or with its address (R4 references.html#literal): all find them. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, idsOf, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
let base: string
let other: string

/** Of the same patient, of two others, and of one of another tenant. */
beforeAll(async () => {
  server = await startFhirServer()
  base = `${server.origin}/fhir/R4`
  other = `${server.origin}/t/other/fhir/R4`
  await server.store.tenants.insertOne({ _id: 'other', instance: 'q', key: 'other', name: 'other' })
  const subjects = {
    relative: 'Patient/p',
    versioned: 'Patient/p/_history/1',
    absolute: `${base}/Patient/p`,
    both: `${base}/Patient/p/_history/2`,
    elsewhere: 'http://elsewhere.example.org/fhir/R4/Patient/p',
    'elsewhere-versioned': 'http://elsewhere.example.org/fhir/R4/Patient/p/_history/7',
    'of-other': `${other}/Patient/p`,
    somebody: `${base}/Patient/q`,
  }
  for (const [id, reference] of Object.entries(subjects)) {
    await server.put({ resourceType: 'Observation', id, subject: { reference } })
  }
  await server.put({ resourceType: 'Patient', id: 'p', name: [{ family: 'Noor' }] })
  await server.put({ resourceType: 'Patient', id: 'q', name: [{ family: 'Smith' }] })
  await server.put({ resourceType: 'Patient', id: 'p', name: [{ family: 'Noor' }] }, { tenant: 'other' })
  const reference = `${base}/Patient/p`
  await server.put({ resourceType: 'Observation', id: 'of-default', subject: { reference } }, { tenant: 'other' })
})
afterAll(() => server.stop())

const mine = ['absolute', 'both', 'relative', 'versioned']

test.each([
  'subject=Patient/p',
  'subject=p',
  'subject:Patient=p',
  'patient=p',
  'subject=Patient/p/_history/9',
  'subject=BASE/Patient/p',
  'subject=BASE/Patient/p/_history/9',
  'subject:Patient=BASE/Patient/p',
  'subject:Patient.name=noor',
  'patient.name=noor',
])('Observation?%s finds all that point at it', async (search) => {
  expect((await server.ids(`Observation?${search.replace('BASE', base)}`)).sort()).toEqual(mine)
})

test('the patient’s compartment holds all that point at it', async () => {
  expect((await server.ids('Patient/p/Observation')).sort()).toEqual(mine)
})

test('_has and chains of _has follow every spelling', async () => {
  for (const id of [...mine, 'somebody']) {
    const patient = id === 'somebody' ? 'q' : 'p'
    expect(await server.ids(`Patient?_has:Observation:subject:_id=${id}`)).toEqual([patient])
  }
  expect(await server.ids(`Patient?_has:Observation:subject:_id=${mine.join()}`)).toEqual(['p'])
  expect(await server.ids('Patient?_has:Observation:subject:_id=elsewhere,of-other')).toEqual([])
})

test('_include and _revinclude follow every spelling', async () => {
  expect((await server.ids(`Patient?_id=p&_revinclude=Observation:subject`)).sort()).toEqual([...mine, 'p'].sort())
  for (const id of mine) {
    expect((await server.ids(`Observation?_id=${id}&_include=Observation:subject`)).sort()).toEqual([id, 'p'].sort())
  }
})

test('the same path on another server, or of another tenant, is another resource', async () => {
  const elsewhere = 'http://elsewhere.example.org/fhir/R4/Patient/p'
  expect((await server.ids(`Observation?subject=${elsewhere}`)).sort()).toEqual(['elsewhere', 'elsewhere-versioned'])
  expect(await server.ids(`Observation?subject=${other}/Patient/p`)).toEqual(['of-other'])
  const found = await server.get('/t/other/fhir/R4/Observation?subject=Patient/p')
  expect(idsOf(found.json)).toEqual([])
})

test('what is stored is sent as it was written', async () => {
  const { json } = await server.get('Observation/absolute')
  expect(json).toMatchObject({ subject: { reference: `${base}/Patient/p` } })
})
