/** Observation/$lastn over HTTP. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { FhirServer } from '../../support/fhir-server.ts'
import { idsOf, startFhirServer } from '../../support/fhir-server.ts'

const LOINC = 'http://loinc.org'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const put = (id: string, code: object, at: object, patient = 'a', category = 'vital-signs'): Promise<string> =>
    server.put({
      ...{ resourceType: 'Observation', id, status: 'final', code, ...at },
      category: [{ coding: [{ code: category }] }],
      subject: { reference: `Patient/${patient}` },
    })
  const coded = (...codes: string[]): object => ({ coding: codes.map((code) => ({ system: LOINC, code })) })
  const day = (date: string): object => ({ effectiveDateTime: date })
  await put('pulse-1', coded('pulse'), day('2024-01-01'))
  await put('pulse-3', coded('pulse'), day('2024-01-03T10:00:00Z'))
  await put('pulse-2', coded('pulse'), day('2024-01-02'))
  await put('pulse-other', coded('pulse'), day('2024-02-01'), 'b')
  await put('weight-1', coded('weight-a'), day('2024-01-05'))
  await put('weight-2', coded('weight-b'), day('2024-01-06'))
  await put('weight-3', coded('weight-a', 'weight-b'), day('2024-01-04'))
  await put('text-1', { text: 'Mood today' }, { effectivePeriod: { start: '2023-05-01', end: '2023-05-02' } })
  await put('text-2', { text: 'MOOD  today' }, day('2023-04-01'))
  await put('lab-1', coded('hb'), day('2023-01-01'), 'a', 'laboratory')
  await put('lab-2', coded('hb'), {}, 'a', 'laboratory')
})
afterAll(() => server.stop())

test.each([
  ['patient=a', ['weight-2', 'pulse-3', 'text-1', 'lab-1']],
  ['patient=Patient/a&max=2', ['weight-2', 'weight-1', 'pulse-3', 'pulse-2', 'text-1', 'text-2', 'lab-1', 'lab-2']],
  ['subject=Patient/a&category=laboratory&max=5', ['lab-1', 'lab-2']],
  [`patient=a&code=${LOINC}|pulse,${LOINC}|hb`, ['pulse-3', 'lab-1']],
  ['code=pulse&max=2', ['pulse-other', 'pulse-3']],
  ['patient=a&date=lt2024-01-03&category=vital-signs', ['pulse-2', 'text-1']],
  ['patient=nobody', []],
])('the last ones of each code, %s', async (query, ids) => {
  const { status, json } = await server.get(`Observation/$lastn?${query}`)
  expect(status).toBe(200)
  expect(json).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: ids.length })
  expect(idsOf(json)).toEqual(ids)
})

test('the self link asks the same again, and Parameters and forms ask the same', async () => {
  const { json } = await server.get('Observation/$lastn?patient=a&category=laboratory&_elements=code')
  const [self] = json.link ?? []
  const again = await server.get(self?.url ?? '')
  expect(again.json).toEqual(json)
  expect(json.entry?.[0]?.resource).not.toHaveProperty('subject')
  const parameter = [
    { name: 'patient', valueString: 'a' },
    { name: 'category', valueCode: 'laboratory' },
    { name: 'max', valuePositiveInt: 2 },
  ]
  const posted = await server.send('POST', 'Observation/$lastn', { resourceType: 'Parameters', parameter })
  expect(idsOf(posted.json)).toEqual(['lab-1', 'lab-2'])
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const form = await server.send('POST', 'Observation/$lastn', 'patient=a&category=laboratory', headers)
  expect(idsOf(form.json)).toEqual(['lab-1'])
})

test('a value of Parameters is taken as the text it is in a query, and what is none is refused', async () => {
  const parameters = (...parameter: unknown[]) => ({ resourceType: 'Parameters', parameter })
  const ask = (body: unknown) => server.send('POST', 'Observation/$lastn', JSON.stringify(body))
  const numbered = await ask(parameters({ name: 'patient', valueInteger: 5 }))
  expect([numbered.status, idsOf(numbered.json)]).toEqual([200, []])
  for (const wrong of [parameters(null), null, [], parameters({ name: 'patient', valuePeriod: {} })]) {
    expect((await ask(wrong)).status).toBe(400)
  }
})

test.each([
  ['', 400],
  ['?max=2', 400],
  ['?patient=a&max=0', 400],
  ['?patient=a&max=1&max=2', 400],
  ['?patient=a&nothing=1', 400],
  ['?patient=a&_sort=date', 400],
  ['?patient=a&_include=Observation:patient', 400],
])('$lastn%s is answered %i', async (query, status) => {
  expect((await server.get(`Observation/$lastn${query}`)).status).toBe(status)
})
