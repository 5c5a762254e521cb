/** What users of other FHIR servers report again and again: each is a test of that name, and does not happen here. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type FhirServer, idsOf, startFhirServer } from '../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const put = (path: string, elements: object): Promise<Answer> => {
    const [resourceType = '', id = ''] = path.split('/')
    return server.send('PUT', path, { resourceType, id, ...elements })
  }
  await put('Organization/clinic', { name: 'Clinic' })
  await put('Patient/ada', {
    name: [{ family: 'Lovelace', given: ['Ada'] }],
    gender: 'female',
    identifier: [{ system: 'urn:mrn', value: '7,1' }],
    managingOrganization: { reference: 'Organization/clinic' },
  })
  await put('Patient/bob', { name: [{ family: 'Builder' }], identifier: [{ value: '71' }] })
  await put('Patient/cy', { name: [{ family: 'Cypher' }], gender: 'male' })
  for (const day of [1, 2, 3])
    await put(`Observation/pulse-${day}`, {
      ...observed('8867-4', 'Patient/ada'),
      effectiveDateTime: `2024-02-0${day}T23:30:00-05:00`,
      valueQuantity: { value: 60 + day, system: UCUM, code: '/min' },
    })
  await put('Observation/pressure', {
    ...observed('85354-9', 'Patient/ada'),
    effectivePeriod: { start: '2024-01-20', end: '2024-02-10' },
    component: [component('8480-6', 120), component('8462-4', 80)],
  })
})
afterAll(() => server.stop())

const UCUM = 'http://unitsofmeasure.org'
const observed = (code: string, reference: string): object => ({
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  subject: { reference },
})
const component = (code: string, value: number): object => ({
  code: { coding: [{ system: 'http://loinc.org', code }] },
  valueQuantity: { value, system: UCUM, code: 'mm[Hg]' },
})
const statusOf = async (path: string): Promise<number> => (await server.get(path)).status

describe('searches', () => {
  test('an unknown parameter returns everything', async () => {
    expect(await statusOf('Patient?famly=Lovelace')).toBe(400)
    const lenient = await server.get('Patient?famly=Lovelace', { headers: { Prefer: 'handling=lenient' } })
    const outcome = lenient.json.entry?.find(({ search }) => search?.mode === 'outcome')?.resource
    expect(JSON.stringify(outcome)).toContain('famly')
    expect(lenient.json.link?.find(({ relation }) => relation === 'self')?.url).not.toContain('famly')
  })

  test('an unknown modifier, sort key or include is dropped in silence', async () => {
    const asked = [
      'Patient?family:soundex=x',
      'Patient?_sort=famly',
      'Patient?_include=Patient:doctor',
      'Patient?_has=x',
    ]
    for (const search of asked) expect([search, await statusOf(search)]).toEqual([search, 400])
  })

  test('_revinclude is ignored', async () => {
    const { json } = await server.get('Patient?_id=ada&_revinclude=Observation:subject')
    expect(idsOf(json).sort()).toEqual(['ada', 'pressure', 'pulse-1', 'pulse-2', 'pulse-3'])
  })

  test('what is included counts as a match, in the total and in the page', async () => {
    const { json } = await server.get('Observation?code=8867-4&_include=Observation:subject&_count=2')
    expect(json.total).toBe(3)
    expect(json.entry?.map(({ search }) => search?.mode)).toEqual(['match', 'match', 'include'])
  })

  test('a chain over a reference of many types finds nothing, or everything', async () => {
    expect(await server.ids('Observation?subject:Patient.name=lovelace&code=85354-9')).toEqual(['pressure'])
    expect(await server.ids('Observation?subject:Patient.organization.name=clinic&code=85354-9')).toEqual(['pressure'])
    expect(await server.ids('Observation?subject:Patient.organization.name=hospital')).toEqual([])
  })

  test(':not leaves out what has no value', async () => {
    expect(await server.ids('Patient?gender:not=female')).toEqual(['bob', 'cy'])
  })

  test('a date without time or zone misses what was in it', async () => {
    expect(await server.ids('Observation?date=2024-02&code=8867-4')).toHaveLength(3)
    expect(await server.ids('Observation?date=2024-02-02T04:30:00Z')).toEqual(['pulse-1'])
    // a period is in the month only when all of it is (R4 search.html#date): this one began before
    expect(await server.ids('Observation?date=2024-02&code=85354-9')).toEqual([])
    expect(await server.ids('Observation?date=ge2024-02-05&code=85354-9')).toEqual(['pressure'])
  })

  test('a comma or bar in a value is taken for an operator', async () => {
    expect(await server.ids('Patient?identifier=urn:mrn|7%5C,1')).toEqual(['ada'])
    expect(await server.ids('Patient?identifier=7,1')).toEqual([])
    expect(await server.ids('Patient?identifier=|71')).toEqual(['bob'])
  })

  test('a composite pairs the code of one component with the value of another', async () => {
    const pair = (code: string, value: string): string => `Observation?component-code-value-quantity=${code}$${value}`
    expect(await server.ids(pair('8480-6', 'gt100'))).toEqual(['pressure'])
    expect(await server.ids(pair('8462-4', 'gt100'))).toEqual([])
  })

  test('parameters of the address are lost when a search is posted', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const { json } = await server.get('Patient/_search?gender=male', { method: 'POST', headers, body: 'name=cypher' })
    expect(idsOf(json)).toEqual(['cy'])
    const none = await server.get('Patient/_search?gender=female', { method: 'POST', headers, body: 'name=cypher' })
    expect(idsOf(none.json)).toEqual([])
  })
})

describe('writes', () => {
  test('what was just written is not found yet', async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      const { json } = await server.send('POST', 'Basic', { resourceType: 'Basic', code: { text: `now-${n}` } })
      expect(await server.ids(`Basic?code:text=now-${n}`)).toEqual([(json as { id?: string }).id])
    }
  })

  test('a race makes duplicates', async () => {
    const sent = { resourceType: 'Patient', identifier: [{ system: 'urn:mrn', value: 'raced' }] }
    const headers = { 'If-None-Exist': 'identifier=urn:mrn|raced' }
    const answers = await Promise.all(Array.from({ length: 24 }, () => server.send('POST', 'Patient', sent, headers)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(await server.ids('Patient?identifier=urn:mrn|raced')).toHaveLength(1)
  })

  test('the last of two who edit the same wins, and nobody is told', async () => {
    await server.send('PUT', 'Basic/shared', { resourceType: 'Basic', id: 'shared', code: { text: 'first' } })
    const edit = (text: string): Promise<Answer> => {
      const edited = { resourceType: 'Basic', id: 'shared', code: { text } }
      return server.send('PUT', 'Basic/shared', edited, { 'If-Match': 'W/"1"' })
    }
    const statuses = (await Promise.all(['second', 'third', 'fourth'].map(edit))).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, 412, 412])
    expect(await server.methods('Basic/shared')).toEqual(['POST', 'PUT'])
  })

  test('a decimal loses its zeros, a big one its digits', async () => {
    const value = (digits: string): string => `"valueQuantity":{"value":${digits}}`
    for (const digits of ['1.00', '0.10', '12345678901234567.123', '1.50E+2']) {
      const sent = `{"resourceType":"Observation","status":"final","code":{"text":"x"},${value(digits)}}`
      const { text, headers } = await server.send('POST', 'Observation', sent)
      expect(text).toContain(value(digits))
      expect((await server.get(headers.get('location') ?? '')).text).toContain(value(digits))
    }
  })

  test('a transaction that fails leaves half of itself', async () => {
    const entry = [
      { resource: { resourceType: 'Basic', code: { text: 'half' } }, request: { method: 'POST', url: 'Basic' } },
      { resource: { resourceType: 'Basic' }, request: { method: 'POST', url: 'Basic' } },
    ]
    const before = await server.store.versions.countDocuments()
    const { status, json } = await server.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
    expect([status, json.issue?.[0]?.expression?.[0]]).toEqual([400, 'Bundle.entry[1].resource.code'])
    expect(await server.ids('Basic?code:text=half')).toEqual([])
    expect(await server.store.versions.countDocuments()).toBe(before)
  })

  test('a conditional delete takes all that match', async () => {
    expect((await server.send('DELETE', 'Observation?code=8867-4')).status).toBe(412)
    expect(await server.ids('Observation?code=8867-4')).toHaveLength(3)
    expect((await server.send('DELETE', 'Observation?colour=red')).status).toBe(400)
    expect((await server.send('DELETE', 'Observation?')).status).toBeGreaterThanOrEqual(400)
  })

  test('what was deleted has no history, and looks as if it never was', async () => {
    await server.send('PUT', 'Basic/gone', { resourceType: 'Basic', id: 'gone', code: { text: 'gone' } })
    await server.send('DELETE', 'Basic/gone')
    expect([await statusOf('Basic/gone'), await statusOf('Basic/never')]).toEqual([410, 404])
    const { json } = await server.get('Basic/gone/_history')
    expect(json.entry?.map(({ request }) => request?.method)).toEqual(['DELETE', 'POST'])
    expect(await statusOf('Basic/gone/_history/1')).toBe(200)
  })
})
