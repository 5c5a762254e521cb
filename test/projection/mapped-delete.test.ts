/** FHIR deletes of mapped resources: each kind of `delete`, and what it leaves. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { changedColumns } from '../support/source-server.ts'
import type { SourceServer } from '../support/source-server.ts'
import { loadPatient, patientRows, rawPatient, startWard } from './ward.ts'

let ward: SourceServer
beforeAll(async () => {
  ward = await startWard()
})
afterAll(() => ward.stop())

const remove = async (reference: string, headers?: Record<string, string>) => {
  const { status } = await ward.send('DELETE', reference, undefined, headers)
  return status
}
const status = async (reference: string) => (await ward.get(reference)).status

test('a record is marked, in the form of its columns, and nothing else moves', async () => {
  const rows = await loadPatient(ward)
  const before = await rawPatient(ward, rows)
  expect(await remove(rows.reference, { 'If-Match': 'W/"2"' })).toBe(412)
  expect(await remove(rows.reference, { 'If-Match': 'W/"1"' })).toBe(204)
  const after = await rawPatient(ward, rows)
  expect(changedColumns(before['patients'], after['patients'])).toEqual({
    deleted: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as unknown,
    updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) as unknown,
  })
  expect([after['accounts'], after['carers']]).toEqual([before['accounts'], before['carers']])
  expect([await status(rows.reference), await remove(rows.reference)]).toEqual([410, 204])
  await ward.settle()
  expect(await ward.methods(rows.reference)).toEqual(['POST', 'DELETE'])
  expect((await ward.send('PATCH', rows.reference, [])).status).toBe(410)
  expect((await ward.send('PUT', rows.reference, { resourceType: 'Patient', id: `w-${rows.id}` })).status).toBe(410)
  // The clinic takes the mark away: it is there again, as what it was
  await ward.table('ward.patients').updateOne({ id: rows.id }, { $set: { deleted: null } })
  await ward.settle()
  expect(await ward.methods(rows.reference)).toEqual(['POST', 'DELETE', 'PUT'])
})

test('what leans on the same row goes with it, and nothing that was kept comes back', async () => {
  const rows = await loadPatient(ward)
  const resource = await ward.read(rows.reference)
  await ward.send('PUT', rows.reference, { ...resource, photo: [{ url: 'https://images.example.org/a.png' }] })
  expect(await status(`MedicationRequest/w-${rows.id}.rx.0`)).toBe(200)
  await remove(rows.reference)
  await ward.settle()
  expect(await status(`MedicationRequest/w-${rows.id}.rx.0`)).toBe(410)
  await ward.table('ward.patients').updateOne({ id: rows.id }, { $set: { deleted: null } })
  await ward.settle()
  expect(await ward.read(rows.reference)).not.toHaveProperty('photo')
})

test('a mark that is true', async () => {
  const { id } = await loadPatient(ward)
  await ward.load({ 'ward.visits': [{ id: 'v1', patient: id, status: 'scheduled', starts: '2025-03-01 10:00:00' }] })
  expect(await remove('Appointment/w-v1')).toBe(204)
  expect(await ward.raw('ward.visits', { id: 'v1' })).toMatchObject({ removed: true })
  expect(await status('Appointment/w-v1')).toBe(410)
})

test('a row that is removed', async () => {
  await ward.load({ 'ward.rooms': [{ id: 1, name: 'Green', active: 1 }] })
  expect(await remove('Location/w-1')).toBe(204)
  expect(await ward.raw('ward.rooms', { id: 1 })).toBeUndefined()
  await ward.settle()
  expect([await status('Location/w-1'), await ward.methods('Location/w-1')]).toEqual([410, ['POST', 'DELETE']])
})

test.each([
  ['an array', ['Penicillin', 'Nuts', ' Penicillin '], ['Nuts']],
  ['JSON text', '["Penicillin", "Nuts", "Dust"]', '["Nuts","Dust"]'],
])('an element that is taken out of %s, with its doubles', async (_what, allergies, left) => {
  const rows = await loadPatient(ward, patientRows({ patients: { allergies } }))
  const before = await rawPatient(ward, rows)
  const { json } = await ward.get(`AllergyIntolerance?patient=${rows.reference}`)
  const ids = new Map(
    json.entry?.map(({ resource }) => [(resource?.['code'] as { text: string }).text, resource?.id ?? '']),
  )
  const nuts = await ward.get(`AllergyIntolerance/${ids.get('Nuts') ?? ''}`)
  expect(await remove(`AllergyIntolerance/${ids.get('Penicillin') ?? ''}`)).toBe(204)
  const changed = changedColumns(before['patients'], (await rawPatient(ward, rows))['patients'])
  expect(changed).toEqual({ allergies: left, updated: expect.anything() as unknown })
  await ward.settle()
  expect(await status(`AllergyIntolerance/${ids.get('Penicillin') ?? ''}`)).toBe(410)
  expect((await ward.get(`AllergyIntolerance/${ids.get('Nuts') ?? ''}`)).text).toBe(nuts.text)
})

test.each([
  [
    'an array',
    [{ name: 'A', n: 1.5 }, { name: 'B', deep: [{ x: 1 }] }, { name: 'C' }],
    [
      { name: 'A', n: 1.5 },
      { name: 'C', _n: 2 },
    ],
  ],
  [
    'JSON text',
    '[{"name":"A","n":1.50},{"name":"B"},{"name":"C","n":2.00}]',
    '[{"name":"A","n":1.50},{"name":"C","n":2.00,"_n":2}]',
  ],
])(
  'an element that is known by its place is taken out of %s: the others keep their ids',
  async (_what, medicines, left) => {
    const rows = await loadPatient(ward, patientRows({ patients: { medicines } }))
    const [first, second, third] = [0, 1, 2].map((n) => `MedicationRequest/w-${rows.id}.rx.${n}`) as [
      string,
      string,
      string,
    ]
    const texts = [await ward.get(first), await ward.get(third)].map(({ text }) => text)
    expect(await remove(second)).toBe(204)
    expect(await ward.table('ward.patients').findOne({ id: rows.id })).toMatchObject({ medicines: left })
    await ward.settle()
    expect(await status(second)).toBe(410)
    expect([await ward.get(first), await ward.get(third)].map(({ text }) => text)).toEqual(texts)
    const patched = await ward.send('PATCH', third, [
      { op: 'add', path: '/dosageInstruction', value: [{ text: '1x1' }] },
    ])
    expect(patched.status).toBe(200)
    expect(await status(second)).toBe(410)
    expect((await ward.get(first)).text).toBe(texts[0])
    // A new one never takes the place of one that is gone
    const created = await ward.send('POST', 'MedicationRequest', {
      resourceType: 'MedicationRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: rows.reference },
      medicationCodeableConcept: { text: 'D' },
    })
    const fourth = `MedicationRequest/w-${rows.id}.rx.3`
    expect([created.status, `MedicationRequest/${(created.json as unknown as { id: string }).id}`]).toEqual([
      201,
      fourth,
    ])
    await remove(fourth)
    const next = await ward.send('POST', 'MedicationRequest', {
      ...created.json,
      id: undefined,
      identifier: undefined,
      meta: undefined,
    })
    expect([next.status, (next.json as unknown as { id: string }).id]).toEqual([201, `w-${rows.id}.rx.4`])
    expect(await ward.table('ward.patients').findOne({ id: rows.id })).toMatchObject({
      medicines: expect.anything() as unknown,
    })
  },
)

test('a part of a wide row is emptied, and with the last the row goes', async () => {
  const { id } = await loadPatient(ward)
  await ward.load({
    'ward.readings': [
      { id: 'r1', patient: id, taken: new Date(0), pulse: 70, systolic: 120, diastolic: 80, temperature: null },
    ],
  })
  const before = await ward.raw('ward.readings', { id: 'r1' })
  expect(await remove('Observation/w-r1.bp')).toBe(204)
  const changed = changedColumns(before, await ward.raw('ward.readings', { id: 'r1' }))
  expect(changed).toEqual({ systolic: null, diastolic: null, updated: expect.anything() as unknown })
  expect([await status('Observation/w-r1.bp'), await status('Observation/w-r1.hr')]).toEqual([410, 200])
  expect(await remove('Observation/w-r1.hr')).toBe(204)
  expect(await ward.raw('ward.readings', { id: 'r1' })).toBeUndefined()
  await ward.settle()
  expect([await ward.methods('Observation/w-r1.bp'), await ward.methods('Observation/w-r1.hr')]).toEqual([
    ['POST', 'DELETE'],
    ['POST', 'DELETE'],
  ])
})

test('what a mapping says nothing of is no way to write', async () => {
  await ward.load({
    'branch.tenants': [{ id: 't1', slug: 'north', name: 'North' }],
    'branch.people': [{ id: 'x1', tenant_id: 't1', name: 'Ann', notes: { by: 'Bo', why: 'x' }, updated: new Date(0) }],
  })
  const base = '/t/north/fhir/R4'
  const organization = await ward.read('Organization/b-t1', base)
  const refused = [
    await ward.send('PUT', `${base}/Organization/b-t1`, { ...organization, name: 'South' }),
    await ward.send('PATCH', `${base}/Organization/b-t1`, [{ op: 'replace', path: '/name', value: 'South' }]),
    await ward.send('DELETE', `${base}/Organization/b-t1`),
    await ward.send('DELETE', `${base}/Provenance/b-x1`),
  ]
  expect(refused.map(({ status: code }) => code)).toEqual([405, 405, 405, 405])
  expect(refused.map(({ headers }) => headers.get('allow'))).toEqual(
    refused.map(() => expect.stringContaining('GET') as unknown),
  )
  expect(await ward.table('branch.tenants').findOne({ id: 't1' })).toMatchObject({ name: 'North' })
})
