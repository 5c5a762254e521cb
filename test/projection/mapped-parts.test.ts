/** Rows that give several resources: parts of a wide row and elements of a list, made and changed one by one. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Resource, SourceServer } from '../support/source-server.ts'
import { loadPatient, patch, patientRows, startWard } from './ward.ts'

let ward: SourceServer
beforeAll(async () => {
  ward = await startWard()
})
afterAll(() => ward.stop())

const idOf = ({ json }: { readonly json: object }): string => (json as { id: string }).id
const keyOf = (answer: { readonly json: object }): string => idOf(answer).replace(/^w-/, '').replace(/\..*$/, '')

const put = (resource: Resource, headers?: Record<string, string>) =>
  ward.send('PUT', `${resource.resourceType}/${resource.id}`, resource, headers)

test('a code decides which part of a wide row is made, and what no part takes is stored as it is', async () => {
  const { reference, id } = await loadPatient(ward)
  const observation = (code: string, more: object) => ({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    subject: { reference },
    effectiveDateTime: '2025-03-01T10:00:00Z',
    ...more,
  })
  const pulse = await ward.send(
    'POST',
    'Observation',
    observation('8867-4', {
      valueQuantity: { value: 70, unit: 'beats/min', system: 'http://unitsofmeasure.org', code: '/min' },
    }),
  )
  expect([pulse.status, idOf(pulse)]).toEqual([201, expect.stringMatching(/\.hr$/)])
  expect(await ward.raw('ward.readings', { id: keyOf(pulse) })).toMatchObject({
    patient: id,
    pulse: { $numberInt: '70' },
    taken: '2025-03-01T10:00:00Z',
  })
  const part = (code: string, value: number) => ({
    code: { coding: [{ system: 'http://loinc.org', code }] },
    valueQuantity: { value, unit: 'mm[Hg]', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
  })
  const pressure = await ward.send(
    'POST',
    'Observation',
    observation('85354-9', { component: [part('8480-6', 120), part('8462-4', 80)] }),
  )
  expect(pressure.json).toMatchObject({ id: expect.stringMatching(/\.bp$/) as unknown })
  expect(await ward.raw('ward.readings', { id: keyOf(pressure) })).toMatchObject({
    systolic: { $numberInt: '120' },
    diastolic: { $numberInt: '80' },
  })
  const steps = await ward.send('POST', 'Observation', observation('55423-8', { valueInteger: 7000 }))
  expect([steps.status, (steps.json as unknown as { meta: object }).meta]).toEqual([
    201,
    expect.not.objectContaining({ source: expect.anything() as unknown }),
  ])
  const none = await ward.send('POST', 'Observation', observation('8867-4', {}))
  expect(none.status).toBe(422)
  const much = await ward.send(
    'POST',
    'Observation',
    observation('8867-4', {
      valueQuantity: { value: 70.5, unit: 'beats/min', system: 'http://unitsofmeasure.org', code: '/min' },
    }),
  )
  expect([much.status, much.json.issue?.[0]?.expression]).toEqual([422, ['Observation.valueQuantity']])
})

test.each([
  ['an array', ['Penicillin'], ['Penicillin', 'Dust']],
  ['the JSON text of one', '[ "Penicillin" ]', '[ "Penicillin","Dust"]'],
  ['an empty JSON text', '[]', '["Dust"]'],
  ['nothing', null, ['Dust']],
])('an element is added to a column that holds %s', async (_what, stored, after) => {
  const { reference, id } = await loadPatient(ward, patientRows({ patients: { allergies: stored } }))
  const allergy = { resourceType: 'AllergyIntolerance', patient: { reference }, code: { text: 'Dust' } }
  const answer = await ward.send('POST', 'AllergyIntolerance', allergy)
  expect(answer.status).toBe(201)
  const row = await ward.table('ward.patients').findOne({ id })
  expect(row).toMatchObject({
    allergies: after,
    updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) as unknown,
  })
  await ward.settle()
  expect(await ward.methods(`AllergyIntolerance/${idOf(answer)}`)).toEqual(['POST'])
  const again = await ward.send('POST', 'AllergyIntolerance', allergy)
  expect(again.status).toBe(422)
})

test.each(['None known', '{"all":"none"}', { all: 'none' }])(
  'a column that holds no list (%j) is left as it is',
  async (allergies) => {
    const { reference, id } = await loadPatient(ward, patientRows({ patients: { allergies } }))
    const answer = await ward.send('POST', 'AllergyIntolerance', {
      resourceType: 'AllergyIntolerance',
      patient: { reference },
      code: { text: 'Dust' },
    })
    expect(answer.status).toBe(422)
    expect(await ward.table('ward.patients').findOne({ id })).toMatchObject({ allergies })
  },
)

test('an element of a JSON text leaves the digits of the others', async () => {
  const { reference, id } = await loadPatient(ward)
  const medicine = {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: { reference },
    medicationCodeableConcept: { text: 'Iron' },
    dispenseRequest: { quantity: { value: 3 } },
  }
  const answer = await ward.send('POST', 'MedicationRequest', medicine)
  expect([answer.status, idOf(answer)]).toEqual([201, `w-${id}.rx.2`])
  const { medicines } = (await ward.table('ward.patients').findOne({ id })) as unknown as { medicines: string }
  expect(medicines).toBe(
    '[{"name":"Aspirin","dose":"1x1","count":1.50},{"name":"Zinc","count":2},{"name":"Iron","count":3}]',
  )
  expect((await ward.send('POST', 'MedicationRequest', { ...medicine, status: 'stopped' })).status).toBe(422)
  expect((await ward.read(`MedicationRequest/w-${id}.rx.0`))['dispenseRequest']).toEqual({ quantity: { value: 1.5 } })
})

describe('rows of several resources', () => {
  test('each part of a wide row is written alone, what they share for all', async () => {
    const rows = await loadPatient(ward)
    await ward.load({
      'ward.readings': [
        {
          id: 'r1',
          patient: rows.id,
          taken: new Date('2025-03-01T10:00:00Z'),
          pulse: 70,
          temperature: '37.10',
          systolic: 120,
          diastolic: null,
        },
      ],
    })
    const versions = async () =>
      Promise.all(
        ['hr', 'temp', 'bp'].map(async (slot) => (await ward.read(`Observation/w-r1.${slot}`)).meta.versionId),
      )
    const answer = await ward.send('PATCH', 'Observation/w-r1.hr', patch('/valueQuantity/value', 72))
    expect([answer.status, await versions()]).toEqual([200, ['2', '1', '1']])
    const temperature = await ward.send('PATCH', 'Observation/w-r1.temp', patch('/valueQuantity/value', 36.9))
    expect(temperature.status).toBe(200)
    const shared = await ward.send('PATCH', 'Observation/w-r1.bp', patch('/effectiveDateTime', '2025-03-01T11:00:00Z'))
    expect([shared.status, await versions()]).toEqual([200, ['3', '3', '2']])
    expect(await ward.raw('ward.readings', { id: 'r1' })).toMatchObject({
      pulse: { $numberInt: '72' },
      temperature: '36.9',
      systolic: { $numberInt: '120' },
      diastolic: null,
      taken: { $date: { $numberLong: String(Date.parse('2025-03-01T11:00:00Z')) } },
    })
    await ward.settle()
    expect(await versions()).toEqual(['3', '3', '2'])
    const { valueQuantity: _value, ...empty } = await ward.read('Observation/w-r1.hr')
    const gone = await put(empty)
    expect([gone.status, await versions()]).toEqual([422, ['3', '3', '2']])
    const half = await put({
      ...(await ward.read('Observation/w-r1.hr')),
      valueQuantity: { value: 70.5, unit: 'beats/min', system: 'http://unitsofmeasure.org', code: '/min' },
    })
    expect([half.status, half.json.issue?.[0]?.expression]).toEqual([422, ['Observation.valueQuantity']])
    const other = await put({
      ...(await ward.read('Observation/w-r1.hr')),
      valueQuantity: { value: 1, unit: 'Hz', system: 'http://unitsofmeasure.org', code: 'Hz' },
    })
    expect(other.status).toBe(422)
  })

  test.each([
    ['JSON text', (list: object[]) => JSON.stringify(list).replace('1.5', '1.50')],
    ['an array', (list: object[]) => list],
  ])('an element of %s is written alone', async (_what, stored) => {
    const medicines = [
      { name: 'Aspirin', dose: '1x1', count: 1.5 },
      { name: 'Zinc', extra: { a: 1 } },
    ]
    const rows = await loadPatient(ward, patientRows({ patients: { medicines: stored(medicines) } }))
    const answer = await ward.send(
      'PATCH',
      `MedicationRequest/w-${rows.id}.rx.1`,
      patch('/dosageInstruction', [{ text: '2x1' }], 'add'),
    )
    expect(answer.status).toBe(200)
    const row = await ward.table('ward.patients').findOne({ id: rows.id })
    expect(row?.['medicines']).toEqual(stored([medicines[0] as object, { name: 'Zinc', extra: { a: 1 }, dose: '2x1' }]))
    expect((await ward.read(`MedicationRequest/w-${rows.id}.rx.0`)).meta.versionId).toBe('1')
    await ward.settle()
    expect(await ward.methods(`MedicationRequest/w-${rows.id}.rx.1`)).toEqual(['POST', 'PUT'])
  })

  test('an element that is known by its text cannot become another, but say more', async () => {
    const rows = await loadPatient(ward)
    const { json } = await ward.get(`AllergyIntolerance?patient=${rows.reference}`)
    const allergy = json.entry?.find(({ resource }) => (resource?.['code'] as { text: string }).text === 'Nuts')
      ?.resource as unknown as Resource
    const renamed = await put({ ...allergy, code: { text: 'Peanuts' } })
    expect(renamed.status).toBe(422)
    const code = { text: 'Nuts', coding: [{ system: 'http://snomed.info/sct', code: '91934008' }] }
    const clinicalStatus = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
    }
    const more = await put({ ...allergy, code, criticality: 'high', clinicalStatus })
    expect(more.status).toBe(200)
    expect(more.json).toMatchObject({ code, criticality: 'high' })
    expect(await ward.raw('ward.patients', { id: rows.id })).toMatchObject({ allergies: ['Penicillin', 'Nuts'] })
    const moved = await loadPatient(ward)
    expect((await put({ ...allergy, patient: { reference: moved.reference } })).status).toBe(422)
    await ward.table('ward.patients').updateOne({ id: rows.id }, { $set: { allergies: ['Dust', 'Nuts'] } })
    await ward.settle()
    expect(await ward.read(`AllergyIntolerance/${allergy.id}`)).toMatchObject({ code, criticality: 'high' })
  })
})
