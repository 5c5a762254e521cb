/** FHIR updates and patches of mapped resources: which columns change, in which form, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Int32 } from 'bson'
import type { Document } from 'bson'
import type { Resource, SourceServer } from '../support/source-server.ts'
import { changedColumns } from '../support/source-server.ts'
import { EXTENSION, SID, loadPatient, patch, patientRows, rawPatient, startWard } from './ward.ts'
import type { PatientRows } from './ward.ts'

let ward: SourceServer
beforeAll(async () => {
  ward = await startWard()
})
afterAll(() => ward.stop())

const SQL_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/

/** What a write changed: by table, the columns and what they hold now. */
async function changesOf(rows: PatientRows, write: () => Promise<{ readonly status: number; readonly text: string }>) {
  const before = await rawPatient(ward, rows)
  const answer = await write()
  const after = await rawPatient(ward, rows)
  const changed: Record<string, Document> = {}
  for (const name of Object.keys(after)) {
    const columns = changedColumns(before[name], after[name])
    if (Object.keys(columns).length > 0) changed[name] = columns
  }
  return { answer, changed }
}

const put = (resource: Resource, headers?: Record<string, string>) =>
  ward.send('PUT', `${resource.resourceType}/${resource.id}`, resource, headers)

describe('what is written', () => {
  test('what was read and is sent back writes nothing at all', async () => {
    const rows = await loadPatient(ward)
    const { text } = await ward.get(rows.reference)
    const { answer, changed } = await changesOf(rows, () => ward.send('PUT', rows.reference, text))
    expect([answer.status, answer.text, changed]).toEqual([200, text, {}])
    expect(await ward.store.outbox.countDocuments({ 'changes.id': `default/${rows.reference}` })).toBe(1)
    const { answer: patched, changed: none } = await changesOf(rows, () => ward.send('PATCH', rows.reference, []))
    expect([patched.status, patched.text, none]).toEqual([200, text, {}])
  })

  test('one element changes one column, in one version, and the change stream adds none', async () => {
    const rows = await loadPatient(ward)
    const { answer, changed } = await changesOf(rows, () =>
      ward.send('PATCH', rows.reference, patch('/telecom/0/value', '+1 415 555 0199')),
    )
    expect(answer.status).toBe(200)
    expect(changed).toEqual({
      accounts: { phone: '+1 415 555 0199', updated: expect.stringMatching(SQL_TIME) as unknown },
    })
    await ward.settle()
    expect((await ward.get(rows.reference)).text).toBe(answer.text)
    expect(await ward.methods(rows.reference)).toEqual(['POST', 'PUT'])
    const id = `default/${rows.reference}`
    const outbox = await ward.store.outbox.find({ 'changes.id': id }).toArray()
    expect(outbox.flatMap(({ changes }) => changes).filter((change) => change.id === id)).toEqual([
      { id, v: 1, method: 'POST' },
      { id, v: 2, method: 'PUT' },
    ])
    const versions = await ward.store.versions
      .find({ _id: { $in: [`${id}/0000000001`, `${id}/0000000002`] } })
      .sort({ _id: 1 })
      .toArray()
    expect(versions.map(({ by }) => by)).toEqual([undefined, 'anonymous'])
  })

  test('each row that changes is touched in the form its column has', async () => {
    const rows = await loadPatient(ward)
    const resource = await ward.read(rows.reference)
    const sent = {
      ...resource,
      birthDate: '1981-03-04',
      address: [{ line: ['1 Mission St'], city: 'Berkeley' }],
      contact: [{ name: { text: 'Bob' }, telecom: [{ system: 'phone', value: '1' }] }],
    }
    const { answer, changed } = await changesOf(rows, () => put(sent))
    expect(answer.status).toBe(200)
    expect(changed).toEqual({
      accounts: { born: '1981-03-04', updated: expect.stringMatching(SQL_TIME) as unknown },
      patients: {
        address: '{"street":"1 Mission St","city":"Berkeley","zip":"09460"}',
        updated: expect.stringMatching(ISO_TIME) as unknown,
      },
      carers: { name: 'Bob', updated: { $date: { $numberLong: expect.stringMatching(/000$/) as unknown } } },
    })
  })

  test('a column that was never touched is in the form of the system', async () => {
    const rows = await loadPatient(ward, patientRows({ accounts: { updated: null }, patients: { updated: '' } }))
    const sent = { ...(await ward.read(rows.reference)), gender: 'male', address: undefined }
    const { changed } = await changesOf(rows, () => put(sent))
    expect(changed).toEqual({
      accounts: { sex: 'male', updated: expect.stringMatching(SQL_TIME) as unknown },
      patients: {
        address: '{"street":null,"city":null,"zip":"09460"}',
        updated: expect.stringMatching(SQL_TIME) as unknown,
      },
    })
  })

  test('an element that is gone empties its column', async () => {
    const rows = await loadPatient(ward)
    const { birthDate: _birthDate, telecom: _telecom, extension: _extension, ...rest } = await ward.read(rows.reference)
    const telecom = [{ system: 'email', value: rows.accounts['email'] as string }]
    const { answer, changed } = await changesOf(rows, () => put({ ...rest, telecom }))
    expect(answer.status).toBe(200)
    expect(changed).toEqual({
      accounts: { born: null, phone: null, updated: expect.anything() as unknown },
      patients: { weight: null, vip: null, updated: expect.anything() as unknown },
    })
  })

  test('a value keeps the kind its column has', async () => {
    const rows = await loadPatient(ward, patientRows({ patients: { address: { city: 'Oakland', zip: new Int32(9) } } }))
    const resource = await ward.read(rows.reference)
    const extension = [
      { url: `${EXTENSION}/weight`, valueDecimal: 38.5 },
      { url: `${EXTENSION}/vip`, valueBoolean: false },
    ]
    const { answer, changed } = await changesOf(rows, () =>
      put({ ...resource, extension, address: [{ city: 'Berkeley' }] }),
    )
    expect(answer.status).toBe(200)
    expect(changed).toEqual({
      patients: {
        weight: { $numberDecimal: '38.5' },
        vip: { $numberInt: '0' },
        address: { city: 'Berkeley', zip: { $numberInt: '9' } },
        updated: expect.anything() as unknown,
      },
    })
  })

  test('a part that had no row gets one', async () => {
    const rows = patientRows()
    await ward.load({ 'ward.accounts': [rows.accounts], 'ward.patients': [rows.patients] })
    const contact = [{ name: { text: 'Bo' } }]
    const { answer, changed } = await changesOf(rows, () =>
      ward.send('PATCH', rows.reference, patch('/contact', contact, 'add')),
    )
    expect([answer.status, Object.keys(changed)]).toEqual([200, ['carers']])
    expect(changed['carers']).toMatchObject({
      patient: rows.id,
      name: 'Bo',
      updated: expect.stringMatching(SQL_TIME) as unknown,
    })
    await ward.settle()
    expect(await ward.methods(rows.reference)).toEqual(['POST', 'PUT'])
  })

  test('a row whose change is not projected yet loses nothing', async () => {
    const rows = await loadPatient(ward)
    await ward.table('ward.accounts').updateOne({ id: rows.accounts['id'] as string }, { $set: { given: 'Anna' } })
    const answer = await ward.send('PATCH', rows.reference, patch('/birthDate', '1981-03-04'))
    expect(answer.json).toMatchObject({ birthDate: '1981-03-04', name: [{ given: ['Anna'] }] })
    await ward.table('ward.patients').updateOne({ id: rows.id }, { $inc: { rank: 1 } })
    expect((await ward.send('PATCH', rows.reference, patch('/birthDate', '1981-03-05'))).status).toBe(200)
    expect(await ward.raw('ward.patients', { id: rows.id })).toMatchObject({ rank: { $numberDouble: '4.0' } })
    await ward.settle()
    expect(await ward.methods(rows.reference)).toEqual(['POST', 'PUT', 'PUT', 'PUT'])
  })
})

describe('what is refused changes nothing', () => {
  let rows: PatientRows
  let resource: Resource
  beforeAll(async () => {
    rows = await loadPatient(ward)
    await loadPatient(ward, patientRows({ accounts: { email: 'taken@example.org' } }))
    resource = await ward.read(rows.reference)
  })

  const identifier = (system: string, value: string) => (list: unknown) =>
    (list as { system: string }[]).map((each) => (each.system.endsWith(system) ? { ...each, value } : each))
  const telecom = (system: string, value: string | undefined) => (list: unknown) =>
    (list as { system: string }[]).flatMap((each) =>
      each.system !== system ? [each] : value === undefined ? [] : [{ ...each, value }],
    )

  test.each<[string, number, string, string, unknown]>([
    ['a code that is not in the table', 422, 'Patient.gender', 'gender', 'unknown'],
    ['a date that is not whole', 422, 'Patient.birthDate', 'birthDate', '1990-02'],
    ['another constant', 422, 'Patient.active', 'active', false],
    ['another source identifier', 422, 'Patient.identifier', 'identifier', identifier('/patients', 'me')],
    ['another identifier of a part', 422, 'Patient.identifier', 'identifier', identifier('/accounts', 'me')],
    ['another number', 422, 'Patient.identifier', 'identifier', identifier('/number', 'W-1')],
    ['another source', 422, 'Patient.meta.source', 'meta', { source: 'urn:me' }],
    [
      'what must be there, left out',
      422,
      `Patient.telecom.where(system='email').value`,
      'telecom',
      telecom('email', undefined),
    ],
    [
      'what somebody else has',
      409,
      `Patient.telecom.where(system='email').value`,
      'telecom',
      telecom('email', 'taken@example.org'),
    ],
  ])('%s', async (_what, status, place, element, value) => {
    const after = typeof value === 'function' ? (value as (from: unknown) => unknown)(resource[element]) : value
    const { answer, changed } = await changesOf(rows, () => put({ ...resource, [element]: after }))
    const { json } = answer as Awaited<ReturnType<SourceServer['get']>>
    expect([answer.status, changed]).toEqual([status, {}])
    expect(json.issue?.[0]?.expression?.[0]?.startsWith(place)).toBe(true)
    expect((await ward.get(rows.reference)).headers.get('etag')).toBe('W/"1"')
  })

  test('a stale version, an id that is another', async () => {
    const { answer, changed } = await changesOf(rows, () =>
      put({ ...resource, birthDate: '1999-01-01' }, { 'If-Match': 'W/"9"' }),
    )
    expect([answer.status, changed]).toEqual([412, {}])
    const other = await ward.send('PUT', rows.reference, { ...resource, id: 'w-other' })
    expect(other.status).toBe(400)
  })

  test('an id that no row has', async () => {
    const answer = await ward.send('PUT', 'Patient/w-nobody', { resourceType: 'Patient', id: 'w-nobody' })
    expect([answer.status, answer.json.issue?.[0]?.code]).toEqual([405, 'not-supported'])
    expect((await ward.send('PATCH', 'Patient/w-nobody', [])).status).toBe(404)
  })

  test('what is left out, or sent as it was, is no change', async () => {
    const { identifier: _identifier, meta: _meta, active: _active, ...rest } = resource
    const { answer, changed } = await changesOf(rows, () => put(rest as unknown as Resource))
    expect([answer.status, answer.text, changed]).toEqual([200, (await ward.get(rows.reference)).text, {}])
    expect((await ward.get(rows.reference)).headers.get('etag')).toBe('W/"1"')
    // The word of the source for a gender follows the gender: what is sent of it means nothing (entities G7)
    const { answer: told, changed: one } = await changesOf(rows, () => put({ ...resource, gender: 'male' }))
    expect([told.status, Object.keys(one['accounts'] ?? {})]).toEqual([200, ['sex', 'updated']])
    expect(told.text).not.toContain('source-sex')
  })
})

describe('what no rule owns', () => {
  const own = {
    photo: [{ contentType: 'image/png', url: 'https://images.example.org/a.png' }],
    communication: [{ language: { coding: [{ code: 'ar' }] }, preferred: true }],
    generalPractitioner: [{ display: 'Dr. Who' }],
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
  }

  test('is kept, returned, searched for, and stays when the row changes', async () => {
    const rows = await loadPatient(ward)
    const resource = await ward.read(rows.reference)
    const sent = {
      ...resource,
      ...own,
      extension: [...(resource['extension'] as object[]), { url: 'urn:own', valueString: 'x' }],
      telecom: [
        { system: 'phone', value: '+1 415 555 0110', use: 'mobile' },
        ...(resource['telecom'] as object[]).slice(1),
        { system: 'phone', value: '2' },
        { system: 'fax', value: '3' },
      ],
    }
    const { answer, changed } = await changesOf(rows, () => put(sent))
    expect([answer.status, changed]).toEqual([200, {}])
    const stored = await ward.read(rows.reference)
    expect(stored).toMatchObject({ ...own, meta: { versionId: '2' } })
    expect(stored['telecom']).toEqual(expect.arrayContaining(sent.telecom))
    expect(stored['extension']).toEqual(expect.arrayContaining(sent.extension))
    expect(await ward.ids(`Patient?phone=2&_id=${stored.id}`)).toEqual([stored.id])
    await ward
      .table('ward.accounts')
      .updateOne({ id: rows.accounts['id'] as string }, { $set: { phone: '9', family: 'Rae' } })
    await ward.settle()
    const after = await ward.read(rows.reference)
    expect(after).toMatchObject({ ...own, name: [{ family: 'Rae' }], meta: { versionId: '3' } })
    // What was said of the old number (mobile) is not said of the new one
    expect(after['telecom']).toEqual([
      { system: 'phone', value: '9' },
      { system: 'email', value: rows.accounts['email'] as string },
      { system: 'phone', value: '2' },
      { system: 'fax', value: '3' },
    ])
    expect((await put(after)).headers.get('etag')).toBe('W/"3"')
  })

  test('goes when it is left out', async () => {
    const rows = await loadPatient(ward)
    const resource = await ward.read(rows.reference)
    await put({ ...resource, ...own })
    const answer = await put(resource)
    expect(answer.headers.get('etag')).toBe('W/"3"')
    expect(answer.json).not.toHaveProperty('photo')
    expect(await ward.store.resources.findOne({ _id: `default/${rows.reference}` })).not.toHaveProperty('beside')
  })
})

test('the identifier of every part stands in the resource, computed', async () => {
  const rows = await loadPatient(ward)
  const { identifier } = await ward.read(rows.reference)
  expect((identifier as { system: string }[]).map(({ system }) => system)).toEqual([
    `${SID}/patients`,
    `${SID}/accounts`,
    `${SID}/carers`,
    `${SID}/number`,
  ])
})
