/** FHIR writes of a system whose rows belong to tenants: each tenant writes its own rows only, and sees no other's. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { SourceServer } from '../support/source-server.ts'
import { patch, startWard } from './ward.ts'

let ward: SourceServer
beforeAll(async () => {
  ward = await startWard()
  await ward.load({
    'branch.tenants': [
      { id: 't1', slug: 'north', name: 'North' },
      { id: 't2', slug: 'south', name: 'South' },
    ],
  })
  await ward.load({
    'branch.people': [
      {
        id: 'n1',
        tenant_id: 't1',
        name: 'Ann',
        email: 'ann@example.org',
        home: 'h1',
        notes: '{"by":"Bo","why":"x"}',
        updated: new Date(0),
      },
      { id: 's1', tenant_id: 't2', name: 'Sue', email: 'sue@example.org', home: 'h1' },
    ],
    'branch.homes': [{ id: 'h1', tenant_id: 't1', city: 'Oakland', updated: new Date(0) }],
  })
})
afterAll(() => ward.stop())

const [north, south] = ['/t/north/fhir/R4', '/t/south/fhir/R4']
const TENANTS = 'https://interop.example.org/sid/branch/tenants'
const PROFILE = { profile: ['x'] }

const counts = async () =>
  Promise.all(
    [ward.store.resources, ward.store.versions, ward.table('branch.people'), ward.table('branch.homes')].map((each) =>
      each.countDocuments(),
    ),
  )

test('a write of another tenant’s resource is answered as if it never was', async () => {
  const before = await counts()
  const never = await ward.send('PATCH', `${south}/Patient/b-never`, patch('/name/0/text', 'Eve'))
  const theirs = await ward.send('PATCH', `${south}/Patient/b-n1`, patch('/name/0/text', 'Eve'))
  expect([theirs.status, theirs.text]).toEqual([404, never.text])
  const put = (id: string) => ward.send('PUT', `${south}/Patient/${id}`, { resourceType: 'Patient', id })
  expect([(await put('b-n1')).status, (await put('b-n1')).text]).toEqual([405, (await put('b-never')).text])
  expect((await ward.send('DELETE', `${south}/Patient/b-n1`)).status).toBe(404)
  expect((await ward.send('PATCH', 'Patient/b-n1', patch('/name/0/text', 'Eve'))).status).toBe(404)
  expect(await ward.table('branch.people').findOne({ id: 'n1' })).toMatchObject({ name: 'Ann' })
  expect(await counts()).toEqual(before)
})

test('the tag of the tenant may be sent back or left out, not be another', async () => {
  const resource = await ward.read('Patient/b-n1', north)
  expect(resource.meta).toMatchObject({ tag: [{ system: TENANTS, code: 't1' }] })
  const put = (meta: object | undefined) => ward.send('PUT', `${north}/Patient/b-n1`, { ...resource, meta })
  expect([(await put(resource.meta)).status, (await put(undefined)).status]).toEqual([200, 200])
  const other = await put({ ...resource.meta, tag: [{ system: TENANTS, code: 't2' }] })
  expect([other.status, other.json.issue?.[0]?.expression?.[0]]).toEqual([
    422,
    expect.stringContaining('Patient.meta.tag'),
  ])
  const both = await put({
    ...resource.meta,
    tag: [
      { system: TENANTS, code: 't1' },
      { system: TENANTS, code: 't2' },
    ],
  })
  expect(both.status).toBe(422)
  expect((await ward.get(`${north}/Patient/b-n1`)).headers.get('etag')).toBe('W/"1"')
  const own = await put({
    ...resource.meta,
    tag: [
      { system: TENANTS, code: 't1' },
      { system: 'urn:own', code: 'x' },
    ],
    ...PROFILE,
  })
  expect(own.status).toBe(200)
  expect((await ward.read('Patient/b-n1', north)).meta).toMatchObject({
    ...PROFILE,
    tag: [
      { system: TENANTS, code: 't1' },
      { system: 'urn:own', code: 'x' },
    ],
  })
})

test('a row of another tenant is nothing that could be joined or written', async () => {
  const theirs = await ward.read('Patient/b-s1', south)
  expect(theirs).not.toHaveProperty('address')
  const answer = await ward.send('PATCH', `${south}/Patient/b-s1`, patch('/address', [{ city: 'Berkeley' }], 'add'))
  expect(await ward.table('branch.homes').findOne({ id: 'h1' })).toMatchObject({ city: 'Oakland' })
  expect(answer.status).toBe(409)
  expect(await ward.table('branch.homes').countDocuments({ id: 'h1' })).toBe(1)
})

test('a create is of the tenant it is sent to, in every row that it makes', async () => {
  const sent = {
    resourceType: 'Patient',
    name: [{ text: 'Nora' }],
    telecom: [{ system: 'email', value: 'nora@example.org' }],
    address: [{ city: 'Reno' }],
  }
  const answer = await ward.send('POST', `${south}/Patient`, sent)
  expect(answer.status).toBe(201)
  const key = (answer.json as unknown as { id: string }).id.slice(2)
  const row = await ward.table('branch.people').findOne({ id: key })
  expect(row).toMatchObject({ tenant_id: 't2', name: 'Nora', updated: expect.any(Date) as unknown })
  expect(await ward.table('branch.homes').findOne({ id: row?.['home'] as string })).toMatchObject({
    tenant_id: 't2',
    city: 'Reno',
  })
  expect(answer.json).toMatchObject({ meta: { tag: [{ system: TENANTS, code: 't2' }] } })
  expect((await ward.get(`${north}/Patient/b-${key}`)).status).toBe(404)
  const tagged = { ...sent, telecom: [], meta: { tag: [{ system: TENANTS, code: 't1' }] } }
  const refused = await ward.send('POST', `${south}/Patient`, { ...tagged, telecom: undefined })
  expect(refused.status).toBe(422)
})

test('a reference to another tenant’s resource leads nowhere', async () => {
  const remark = await ward.read('Provenance/b-n1', north)
  const target = [{ reference: 'Patient/b-s1' }]
  const answer = await ward.send('PUT', `${north}/Provenance/b-n1`, { ...remark, target })
  expect(answer.status).toBe(422)
  const why = await ward.send('PUT', `${north}/Provenance/b-n1`, { ...remark, reason: [{ text: 'y' }] })
  expect([why.status, (await ward.table('branch.people').findOne({ id: 'n1' }))?.['notes']]).toEqual([
    200,
    '{"by":"Bo","why":"y"}',
  ])
  const { tag } = remark.meta as unknown as { tag: { system: string; code: string }[] }
  const other = tag.map((each) => (each.system.endsWith('/people') ? { ...each, code: 'n2' } : each))
  const tagged = await ward.send('PUT', `${north}/Provenance/b-n1`, { ...remark, meta: { ...remark.meta, tag: other } })
  expect(tagged.status).toBe(422)
})
