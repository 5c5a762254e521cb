import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { validationErrors } from '../../support/validate.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const ucum = 'http://unitsofmeasure.org'
  const observation = (id: string, elements: object, at = '2025-01-01T00:00:00.000Z'): Promise<string> =>
    server.put({ resourceType: 'Observation', id, status: 'final', ...elements }, { at })
  await observation('o1', {
    effectiveDateTime: '2024-02',
    valueQuantity: { value: 5.4, system: ucum, code: 'mg', unit: 'milligram' },
    subject: { reference: 'Patient/p1' },
  })
  await observation('o2', {
    effectiveDateTime: '2024-02-15',
    valueQuantity: { value: 5.43, unit: 'mg' },
    subject: { reference: 'Patient/p2' },
  })
  await observation('o3', {
    effectivePeriod: { start: '2024-02-20', end: '2024-03-10' },
    valueQuantity: { value: 60, comparator: '<', system: ucum, code: 'mg' },
  })
  await observation(
    'o4',
    { effectivePeriod: { start: '2024-03-01' }, subject: { reference: 'Group/p1' } },
    '2025-02-01T00:00:00.000Z',
  )
  await server.put({
    resourceType: 'Patient',
    id: 'p1',
    active: true,
    gender: 'female',
    birthDate: '1980-05-05',
    name: [{ family: "O'Neil", given: ['Zoë', 'Ann'] }],
    identifier: [{ system: 'urn:mrn', value: 'A,1' }, { value: 'b|c' }],
    meta: {
      tag: [{ system: 'urn:t', code: 'x' }],
      profile: ['http://p/one'],
      source: 'urn:s',
      security: [{ code: 'R' }],
    },
  })
  await server.put({ resourceType: 'Patient', id: 'p2', name: [{ family: 'Neil' }], birthDate: '1970-01-01' })
  await server.put({ resourceType: 'Patient', id: 'p3', name: [{ family: 'Oneida' }] })
  await server.put({ resourceType: 'Patient', id: 'p4', name: [{ family: 'Neil' }] })
  await server.put({ resourceType: 'Patient', id: 'p4' }, { deleted: true })
  const north = { tenant: 'north' }
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: '1', name: 'North' })
  await server.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Neil' }] }, north)
  await server.put({ resourceType: 'Practitioner', id: 'd1', name: [{ text: 'د. فَاطِمَة النور' }] })
  await server.put({ resourceType: 'Practitioner', id: 'd2', name: [{ text: 'Dr. José Müller-Lüdenscheidt a|b' }] })
  await server.put({ resourceType: 'RiskAssessment', id: 'r1', prediction: [{ probabilityDecimal: 0.8 }] })
  await server.put({
    resourceType: 'RiskAssessment',
    id: 'r2',
    prediction: [{ probabilityRange: { low: { value: 0.1 }, high: { value: 0.3 } } }],
  })
})
afterAll(() => server.stop())

test.each([
  // string: begins with, without case, accents and punctuation; a comma is an alternative
  ['Patient?family=neil', ['p2']],
  ['Patient?family=NEIL,one', ['p1', 'p2', 'p3']],
  ["Patient?family=o'", ['p1', 'p3']],
  ['Patient?name=zoe', ['p1']],
  ['Patient?given=ann&given=zo', ['p1']],
  ['Patient?given=ann&family=neil', []],
  ['Patient?family=oneil', ['p1']],
  ['Patient?family=eil', []],
  ['Patient?family=a%00', []],
  ['Practitioner?name=فاطمة', ['d1']],
  ['Practitioner?name=%D9%81%D9%8E%D8%A7%D8%B7%D9%80%D9%85%D8%A9 النور', ['d1']],
  ['Practitioner?name=النورس', []],
  ['Practitioner?name=JOSE  MULLER', ['d2']],
  ['Practitioner?name=müller-lüd', ['d2']],
  ['Practitioner?name=a%5C|b', ['d2']],
  // token
  ['Patient?identifier=urn:mrn|A%5C,1', ['p1']],
  ['Patient?identifier=urn:other|A%5C,1', []],
  ['Patient?identifier=urn:other|', []],
  ['Patient?active=false', []],
  ['Patient?gender=female,male&active=true', ['p1']],
  ['Patient?gender=female&gender=male', []],
  ['Patient?_tag=x', ['p1']],
  ['Patient?_tag=urn:u|x', []],
  ['Patient?deceased=false', ['p1', 'p2', 'p3']],
  ['Patient?identifier=A%5C,1', ['p1']],
  ['Patient?identifier=A,1', []],
  ['Patient?identifier=|b%5C|c', ['p1']],
  ['Patient?identifier=|A%5C,1', []],
  ['Patient?identifier=urn:mrn|', ['p1']],
  ['Patient?active=true&gender=female', ['p1']],
  ['Patient?_tag=urn:t|x', ['p1']],
  ['Patient?_security=R', ['p1']],
  // uri
  ['Patient?_profile=http://p/one', ['p1']],
  ['Patient?_source=urn:s', ['p1']],
  ['Patient?_source=urn', []],
  ['Patient?_profile=http://p/one,http://p/two', ['p1']],
  // reference
  ['Observation?subject=Patient/p1', ['o1']],
  ['Observation?subject=p1', ['o1', 'o4']],
  ['Observation?subject=Patient/p1/_history/3', ['o1']],
  ['Observation?subject=Group/p1', ['o4']],
  ['Observation?subject=Patient/none', []],
  ['Observation?patient=p1', ['o1']],
  ['Observation?patient=p1,p2', ['o1', 'o2']],
  ['RequestGroup?instantiates-canonical=x', []],
  // _id
  ['Patient?_id=p1,p4,none', ['p1']],
  ['Patient', ['p1', 'p2', 'p3']],
])('%s finds %j', async (search, ids) => {
  expect((await server.ids(search)).sort()).toEqual(ids)
})

test.each([
  // o1: February; o2: the 15th; o3: 20 February to 10 March; o4: from 1 March on
  ['2024-02', ['o1', 'o2']],
  ['ne2024-02', ['o3', 'o4']],
  ['gt2024-02', ['o3', 'o4']],
  ['lt2024-02-15', ['o1']],
  ['ge2024-02-20', ['o1', 'o3', 'o4']],
  ['le2024-02-15', ['o1', 'o2']],
  ['sa2024-02', ['o4']],
  ['eb2024-02-20', ['o2']],
  ['ge2024-02-15&date=lt2024-02-20', ['o1', 'o2']],
])('date=%s: prefixes compare intervals', async (value, ids) => {
  expect((await server.ids(`Observation?date=${value}`)).sort()).toEqual(ids)
})

test.each([
  ['5.4', ['o1', 'o2']],
  ['5.40', ['o1']],
  ['ne5.4', ['o3']],
  ['gt5.4', ['o2', 'o3']],
  ['le5.4', ['o1', 'o3']],
  ['ap5', ['o1', 'o2', 'o3']],
  ['ap50', ['o3']],
  ['ge60', ['o3']],
  ['lt5.4', ['o3']],
  ['sa5.4', ['o2']],
  ['-5.4', []],
  ['gt5.4|http://unitsofmeasure.org', ['o3']],
  ['eb5.43', ['o1']],
  ['5.4||mg', ['o1', 'o2']],
  ['5.4|http://unitsofmeasure.org|mg', ['o1']],
  ['5.4||kg', []],
])('value-quantity=%s respects precision and unit', async (value, ids) => {
  expect((await server.ids(`Observation?value-quantity=${value}`)).sort()).toEqual(ids)
})

test.each([
  ['0.8', ['r1']],
  ['gt0.2', ['r1', 'r2']],
  ['sa0.3', ['r1']],
  ['lt0.2', ['r2']],
  ['8e-1', ['r1']],
])('probability=%s', async (value, ids) => {
  expect((await server.ids(`RiskAssessment?probability=${value}`)).sort()).toEqual(ids)
})

test.each([
  ['eq2025-01', ['o1', 'o2', 'o3']],
  ['gt2025-01', ['o4']],
  ['sa2025-01-01', ['o4']],
  ['ne2025-02', ['o1', 'o2', 'o3']],
  ['le2025-01-01', ['o1', 'o2', 'o3']],
  ['lt2025-01-01', []],
])('_lastUpdated=%s', async (value, ids) => {
  expect((await server.ids(`Observation?_lastUpdated=${value}`)).sort()).toEqual(ids)
})

test('an absolute reference to this server is a reference to its resource', async () => {
  expect(await server.ids(`Observation?subject=${server.origin}/fhir/R4/Patient/p1`)).toEqual(['o1'])
  expect(await server.ids('Observation?subject=http://elsewhere/fhir/R4/Patient/p1')).toEqual([])
})

test.each([
  ['Patient?colour=red', 400, 'not-supported', /birthdate/],
  ['Patient?_text=x', 400, 'not-supported', /ISTHMUS_SEARCH_WORDS/],
  ['Patient?identifier=urn:mrn|*', 400, 'invalid', /system/],
  ['Patient?identifier=|', 400, 'invalid', /system/],
  ['Patient?identifier=a|b|c', 400, 'invalid', /system/],
  ['Patient?family=a,,b', 400, 'invalid', /family/],
  ['Patient?family=%20', 400, 'invalid', /family/],
  ['Observation?value-quantity=5|a|b|c', 400, 'invalid', /value-quantity/],
  [`Patient?_id=${'x,'.repeat(100)}x`, 413, 'too-costly', /100/],
  ['Observation?subject.colour=x', 400, 'not-supported', /colour/],
  ['Patient?_has:Observation:code=x', 400, 'invalid', /_has/],
  ['Patient?family:not=x', 400, 'not-supported', /contains/],
  ['Observation?code-value-quantity=a', 400, 'invalid', /code-value-quantity/],
  ['Practitioner?name=.*', 400, 'invalid', /name/],
  ['Patient?birthdate=1980-02-30', 400, 'invalid', /birthdate/],
  ['Patient?birthdate=xx1980', 400, 'invalid', /birthdate/],
  ['RiskAssessment?probability=abc', 400, 'invalid', /probability/],
  ['Patient?family=', 400, 'invalid', /family/],
  ['Patient?_count=-1', 400, 'invalid', /_count/],
  ['Patient?_count=1&_count=2', 400, 'invalid', /_count/],
  ['Patient?_total=maybe', 400, 'invalid', /_total/],
  ['Patient?_sort=colour', 400, 'not-supported', /colour/],
  ['Observation?patient=Practitioner/1', 400, 'invalid', /Patient/],
])('%s is answered %i', async (search, status, code, words) => {
  const answer = await server.get(search)
  expect(answer.status).toBe(status)
  expect(answer.json.issue?.[0]?.code).toBe(code)
  expect(answer.json.issue?.[0]?.diagnostics).toMatch(words)
})

test('lenient handling ignores the unknown and says so; a modifier is never dropped', async () => {
  const headers = { Prefer: 'handling=lenient' }
  const { status, json } = await server.get('Patient?colour=red&family=neil', { headers })
  expect(status).toBe(200)
  expect(json.total).toBe(1)
  expect(json.link?.[0]?.url).not.toContain('colour')
  expect(json.entry?.map(({ search }) => search?.mode)).toEqual(['match', 'outcome'])
  expect((await server.get('Patient?family:not=x', { headers })).status).toBe(400)
})

test('one tenant finds nothing of another, whatever it asks', async () => {
  for (const search of ['Patient', 'Patient?family=neil', 'Patient?_id=p1,p2', 'Patient?_lastUpdated=gt2020']) {
    const { json } = await server.get(`/t/north/fhir/R4/${search}`)
    expect(json.total).toBe(1)
    expect(json.entry?.[0]).toMatchObject({ resource: { name: [{ family: 'Neil' }] } })
    expect(json.entry?.[0]?.fullUrl).toBe(`${server.origin}/t/north/fhir/R4/Patient/p1`)
  }
  expect((await server.get('/t/north/fhir/R4/Observation?subject=Patient/p1')).json.total).toBe(0)
})

test('an answer is a valid Bundle, with or without matches', async () => {
  for (const search of ['Patient', 'Patient?_count=0', 'Patient?family=nobody', 'Patient?_sort=family&_count=1&x=1']) {
    const { json } = await server.get(search, { headers: { Prefer: 'handling=lenient' } })
    expect(validationErrors(json as unknown as Resource)).toEqual([])
  }
})

test('the self link says what ran', async () => {
  const self = async (search: string): Promise<string> => (await server.get(search)).json.link?.[0]?.url ?? ''
  const base = `${server.origin}/fhir/R4`
  expect(await self('Patient')).toBe(`${base}/Patient?_count=50`)
  expect(await self('Patient?_pretty=true&_format=json&family=a,b&_sort=-family&_total=none')).toBe(
    `${base}/Patient?family=a,b&_sort=-family&_count=50&_total=none`,
  )
})

test('a search may be a form', async () => {
  const form = (
    body: string,
    type = 'application/x-www-form-urlencoded',
  ): Promise<{ status: number; json: { total?: number } }> =>
    server.get('Patient/_search', { method: 'POST', body, headers: { 'Content-Type': type } })
  expect((await form('family=neil&birthdate=1970')).json.total).toBe(1)
  expect((await form('{}', 'application/json')).status).toBe(415)
  expect((await form(`family=${'x'.repeat(70_000)}`)).status).toBe(413)
  expect((await server.get('Patient/_search')).status).toBe(405)
})

test('the total is exact, or not asked for', async () => {
  const total = async (search: string): Promise<number | undefined> => (await server.get(search)).json.total
  expect(await total('Observation?_count=2')).toBe(4)
  expect(await total('Observation?_count=0')).toBe(4)
  expect(await total('Observation?_count=2&_total=none')).toBeUndefined()
  expect((await server.get('Observation?_count=0')).json.entry).toBeUndefined()
  expect((await server.get('Observation?_count=5000')).json.link?.[0]?.url).toContain('_count=1000')
})

test.each([
  ['Observation?_count=1', ['o1', 'o2', 'o3', 'o4']],
  ['Observation?_sort=-_lastUpdated,_id&_count=1', ['o4', 'o1', 'o2', 'o3']],
  ['Observation?_sort=-_id&_count=3', ['o4', 'o3', 'o2', 'o1']],
  ['Observation?_sort=date&_count=1', ['o1', 'o2', 'o3', 'o4']],
  ['Patient?_sort=birthdate&_count=1', ['p3', 'p2', 'p1']],
  ['Patient?_sort=-birthdate&_count=1', ['p1', 'p2', 'p3']],
  ['Patient?_sort=gender,-family&_count=1', ['p3', 'p2', 'p1']],
])('%s gives each once over all pages, what has no value as the smallest', async (search, ids) => {
  const seen: string[] = []
  let url: string | undefined = search
  while (url !== undefined) {
    const { json } = await server.get(url)
    seen.push(...(json.entry ?? []).map(({ resource }) => resource?.id ?? ''))
    url = json.link?.find(({ relation }) => relation === 'next')?.url
  }
  expect(seen).toEqual(ids)
})

test('a page link that was changed is refused', async () => {
  const { json } = await server.get('Patient?_count=1')
  const next = json.link?.find(({ relation }) => relation === 'next')?.url ?? ''
  const token = new URL(next).searchParams.get('_page') ?? ''
  const changed = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`
  expect((await server.get(next.replace(token, changed))).status).toBe(400)
  expect((await server.get(`${next}&family=neil`)).status).toBe(400)
  expect((await server.get('Patient?_count=1&_page=x')).status).toBe(400)
})
