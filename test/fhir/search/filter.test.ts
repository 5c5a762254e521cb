/** `_filter` (R4 search_filter.html): what each operator finds, how words bind, and where a mistake is said to be. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer

const LOINC = 'http://loinc.org'

beforeAll(async () => {
  server = await startFhirServer({ limits: { searchValues: 12 } })
  const patients = [
    { id: 'peter', name: [{ family: 'Chalmers', given: ['Peter', 'James'] }], birthDate: '1974-12-25', active: true },
    { id: 'petra', name: [{ family: 'Noor', given: ['Petra'] }], birthDate: '1990-02-01', active: false },
    { id: 'amina', name: [{ family: 'Noor', given: ['Amina'] }], birthDate: '1990-02-02', gender: 'female' },
    { id: 'nobody' },
  ]
  for (const each of patients) await server.put({ resourceType: 'Patient', ...each })
  const observation = (id: string, code: string, subject: string, value: number) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: LOINC, code }] },
    subject: { reference: `Patient/${subject}` },
    valueQuantity: { value, system: 'http://unitsofmeasure.org', code: 'mg', unit: 'mg' },
  })
  await server.put(observation('weight', '29463-7', 'peter', 80))
  await server.put(observation('pulse', '8867-4', 'peter', 60))
  await server.put(observation('other', '8867-4', 'amina', 90))
  await server.put({
    resourceType: 'DocumentReference',
    id: 'new',
    status: 'current',
    relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/old' } }],
  })
})
afterAll(() => server.stop())

const find = async (type: string, filter: string) =>
  (await server.ids(`${type}?_filter=${encodeURIComponent(filter)}`)).sort().join(' ')

test.each([
  ['Patient', 'name co "mer"', 'peter'],
  ['Patient', 'given eq "peter" and birthdate ge 1974-10-10', 'peter'],
  ['Patient', 'given eq pet', ''],
  ['Patient', 'given sw pet', 'peter petra'],
  ['Patient', 'given ew TER', 'peter'],
  ['Patient', 'family ne noor', 'nobody peter'],
  ['Patient', 'given co "a, \\"b\\" | c"', ''],
  ['Patient', 'birthdate eq 1990-02', 'amina petra'],
  ['Patient', 'birthdate sa 1990-02-01', 'amina'],
  ['Patient', 'birthdate lt 1990', 'peter'],
  ['Patient', 'active eq true', 'peter'],
  ['Patient', 'active ne true', 'amina nobody petra'],
  ['Patient', 'gender pr true', 'amina'],
  ['Patient', 'gender pr false', 'nobody peter petra'],
  ['Patient', '_id eq peter or _id eq amina', 'amina peter'],
  ['Patient', 'not (family eq noor)', 'nobody peter'],
  ['Patient', 'NOT(family eq noor or gender pr true)', 'nobody peter'],
  ['Patient', '_lastUpdated gt 2020-01-01', 'amina nobody peter petra'],
  ['Patient', 'gender in http://hl7.org/fhir/ValueSet/administrative-gender', 'amina'],
  ['Patient', 'gender ni http://hl7.org/fhir/ValueSet/administrative-gender', 'nobody peter petra'],
  ['Observation', `code eq ${LOINC}|8867-4`, 'other pulse'],
  ['Observation', 'code eq loinc|8867-4', 'other pulse'],
  ['Observation', 'value-quantity gt 0.07|ucum|g', 'other weight'],
  ['Observation', 'value-quantity ap 85||mg', 'other weight'],
  ['Observation', 'subject re Patient/peter', 'pulse weight'],
  ['Observation', 'subject re BASE/Patient/peter', 'pulse weight'],
  ['Observation', 'patient.name co "pet"', 'pulse weight'],
  ['Observation', 'subject:Patient.birthdate gt 1980', 'other'],
  ['Observation', 'patient[name co pet or gender eq female].birthdate lt 1980', 'pulse weight'],
  ['Observation', 'patient[name co pet].gender eq female', ''],
  ['Observation', 'code-value-quantity eq 8867-4$gt70', 'other'],
  ['DocumentReference', 'relatesto re DocumentReference/old', 'new'],
])('%s: %s finds "%s"', async (type, filter, ids) => {
  expect(await find(type, filter.replace('BASE', `${server.origin}/fhir/R4`))).toBe(ids)
})

test('and, or are taken from left to right, whatever stands first', async () => {
  expect(await find('Patient', '_id eq peter or _id eq amina and gender eq female')).toBe('amina')
  expect(await find('Patient', '_id eq peter or (_id eq amina and gender eq female)')).toBe('amina peter')
})

test('it is one criterion among others, is in the self link, and several must all hold', async () => {
  const { json } = await server.get('Patient?family=noor&_filter=given sw pet&_filter=active eq false&_sort=family')
  expect(json.entry?.map(({ resource }) => resource?.id)).toEqual(['petra'])
  expect(json.link?.[0]?.url).toContain('family=noor&_filter=given%20sw%20pet&_filter=active%20eq%20false')
})

test('a condition of a write may be one', async () => {
  const condition = '_filter=family eq noor and gender eq female'
  const answer = await server.send('PUT', `Patient?${condition}`, { resourceType: 'Patient', active: true })
  expect([answer.status, (answer.json as { id?: string }).id]).toEqual([200, 'amina'])
  await server.put({
    ...{ resourceType: 'Patient', id: 'amina', birthDate: '1990-02-02', gender: 'female' },
    name: [{ family: 'Noor', given: ['Amina'] }],
  })
})

test.each([
  ['', 1, 'the name of a search parameter'],
  ['name', 5, 'one of eq'],
  ['name like x', 6, 'one of eq'],
  ['name eq', 8, 'a value'],
  ['name eq "x', 9, 'a value'],
  ['name eq "\\x"', 9, 'a value'],
  ['name eq x)', 10, 'the end'],
  ['(name eq x', 11, '")"'],
  ['name eq x and', 14, 'the name of a search parameter'],
  ['name eq x nor gender eq y', 11, '"and", "or"'],
  ['name eq x and colour eq red', 15, 'colour'],
  ['gender gt male', 1, 'is a token, and takes eq'],
  ['birthdate co 1990', 1, 'is a date, and takes eq'],
  ['birthdate eq 1990-02-30', 1, 'no date'],
  ['name pr maybe', 1, 'true or false'],
  ['organization eq Organization/1', 1, 'is a reference, and takes re'],
  ['organization:Patient.name eq x', 1, 'never points at'],
  ['organization[name eq x] re Organization/1', 24, '"."'],
  ['organization[colour eq x].name eq y', 14, 'colour'],
  ['_text co x', 1, 'ISTHMUS_SEARCH_WORDS'],
  ['gender:not eq male', 7, 'one of eq'],
  [`${'('.repeat(21)}name eq x${')'.repeat(21)}`, 22, 'more than 20'],
  [`name eq x${' and name eq x or name eq x'.repeat(30)}`, 577, 'more than 40 turns'],
])('%s is refused at character %i: %s', async (filter, at, reason) => {
  const { status, json } = await server.get(`Patient?_filter=${encodeURIComponent(filter)}`)
  const { diagnostics = '' } = json.issue?.[0] ?? {}
  expect([status, diagnostics]).toEqual([400, expect.stringContaining(reason)])
  expect(diagnostics).toContain(`"_filter", character ${at}: `)
})

test('its values count as those of any search do', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => `family eq x${at}`).join(' or ')
  expect((await server.get(`Patient?_filter=${encodeURIComponent(many(12))}`)).status).toBe(200)
  expect((await server.get(`Patient?_filter=${encodeURIComponent(many(13))}`)).status).toBe(413)
  const through = `Observation?_filter=${encodeURIComponent(`patient[${many(12)}].family eq x`)}`
  expect((await server.get(through)).status).toBe(413)
})

test('it follows as many references as any search does, also within brackets', async () => {
  const ask = async (filter: string) => (await server.get(`Observation?_filter=${encodeURIComponent(filter)}`)).status
  const parts = (steps: number) => 'partof.'.repeat(steps)
  expect(await ask(`patient.organization.${parts(6)}name eq x`)).toBe(200)
  expect(await ask(`patient.organization.${parts(7)}name eq x`)).toBe(413)
  expect(await ask(`patient.organization[${parts(7)}name eq x].name eq x`)).toBe(413)
  // Several types at each step
  expect(await ask(`${'part-of.'.repeat(30)}_id eq x`)).toBe(413)
})
