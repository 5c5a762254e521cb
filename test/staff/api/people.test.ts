/** People of all systems, and the records that are of one person. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { bearer } from '../../support/callers.ts'
import { demoRows } from '../../support/demo-rows.ts'
import type { Json, Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const AMY = 'hms-8d8f3dcd-b2d7-4831-ad08-37dbc8b65ff7'
const IVY = 'healthapi-5201'
const OLEG = 'healthapi-5202'

let server: StaffServer
beforeAll(async () => {
  server = await startStaffServer({
    mappings: 'mappings',
    systems: ['hms', 'healthapi'],
    tokens: {
      amy: { scope: 'patient/*.rs', patient: AMY },
      reader: { scope: 'system/*.rs' },
      desk: { scope: 'system/Patient.rs' },
    },
  })
  await server.load(demoRows('hms', 'healthapi'))
  // The same person in the other system
  const twin = {
    id: 5299,
    first_name: 'Amy',
    last_name: 'Ray',
    date_of_birth: '1992-04-11',
    email: 'amy.ray@example.org',
  }
  await server.load({ 'healthapi.Patient': [twin, { id: 5298, first_name: 'نورة', last_name: 'الأحمد' }] })
}, 60_000)
afterAll(() => server.stop())

function get(path: string, token?: string): Promise<Reply> {
  return server.api('GET', path, undefined, token === undefined ? {} : bearer(token).headers)
}

function itemsOf({ json }: Reply): readonly Json[] {
  return json['items'] as unknown as readonly Json[]
}

async function found(q: string, more = ''): Promise<string[]> {
  return itemsOf(await get(`/people?q=${encodeURIComponent(q)}${more}`))
    .map(({ id }) => String(id))
    .sort()
}

describe('people are found', () => {
  test.each([
    ['a name across systems', 'amy ray', [AMY, 'healthapi-5299'].sort()],
    ['an Arabic name, its alef written otherwise', 'نورة الاحمد', ['healthapi-5298']],
    ['a number of the clinic', 'PAT-000201', [AMY]],
    ['a phone number', '+1 415 555 0110', [AMY]],
    ['an address of e-mail', 'ivy.chen@example.org', [IVY]],
    ['a day of birth', '1970-07-07', [OLEG]],
    ['an id', OLEG, [OLEG]],
    ['what separates values', 'a|b,c$d', []],
  ])('by %s', async (_, q, ids) => {
    expect(await found(q)).toEqual(ids)
  })

  test('of one kind, and page by page', async () => {
    expect(await found('Cat', '&kind=practitioner')).toEqual(['hms-1b2df9a8-7a97-4986-a052-545621d73e6a'])
    expect(await found('Cat', '&kind=patient')).toEqual([])
    const first = await get('/people?q=amy&limit=1')
    const cursor = encodeURIComponent(String(first.json['cursor']))
    const second = await get(`/people?q=amy&limit=1&cursor=${cursor}`)
    expect([...itemsOf(first), ...itemsOf(second)].map(({ id }) => String(id)).sort()).toEqual(await found('amy'))
    expect((await get('/people?q=amy&cursor=x')).status).toBe(400)
  })

  test('by who may see them', async () => {
    expect(itemsOf(await get('/people?q=ray', 'amy')).map(({ id }) => String(id))).toEqual([AMY])
    expect((await get('/people?q=cat', 'desk')).status).toBe(403)
    expect(itemsOf(await get('/people?q=ray&kind=patient', 'desk'))).toHaveLength(2)
  })
})

describe('a person', () => {
  test('is shown with numbers, appointments to come and open cases', async () => {
    const { json, headers } = await get(`/people/${AMY}`)
    expect(json).toMatchObject({
      ...{ kind: 'patient', name: 'Amy Ray', birthDate: '1992-04-11', system: 'hms', active: true },
      numbers: expect.arrayContaining([{ name: 'patient-number', value: 'PAT-000201' }]),
      nextAppointments: expect.any(Array),
      openCases: [],
    })
    expect(headers.get('etag')).toBe('W/"1"')
  })

  test('is shown without what the caller may not ask for', async () => {
    const { json } = await get(`/people/${AMY}`, 'desk')
    expect([json['name'], json['nextAppointments'], json['openCases']]).toEqual(['Amy Ray', undefined, undefined])
  })

  test('who is not yours was never there', async () => {
    const [hidden, nothing] = [await get(`/people/${IVY}`, 'amy'), await get('/people/never', 'amy')]
    expect([hidden.status, hidden.json]).toEqual([404, nothing.json])
  })

  test('who is a practitioner is shown with the specialties', async () => {
    const { json } = await get('/practitioners/hms-1b2df9a8-7a97-4986-a052-545621d73e6a')
    expect(json).toMatchObject({ kind: 'practitioner', name: 'Cat Stone', specialties: [expect.any(String)] })
  })
})

describe('two records of one person', () => {
  const twin = 'healthapi-5299'

  test('are suggested for what they have in common, and nothing is written', async () => {
    const items = itemsOf(await get(`/people/${AMY}/suggestions`))
    expect(items).toMatchObject([{ because: ['name-and-birth-date', 'email'], person: { id: twin } }])
    expect((await server.read(`Patient/${AMY}`)).meta.versionId).toBe('1')
  })

  test('are linked once by many at once, both ways; rows stay as they are, and unlinking leaves no trace', async () => {
    const rows = [
      await server.raw('hms.patients', { id: AMY.slice(4) }),
      await server.raw('healthapi.Patient', { id: 5299 }),
    ]
    const asked = Array.from({ length: 16 }, (_, index) =>
      index % 2 === 0
        ? server.api('POST', `/people/${AMY}/links`, { other: twin })
        : server.api('POST', `/people/${twin}/links`, { other: AMY }),
    )
    const statuses = (await Promise.all(asked)).map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...Array.from({ length: 15 }, () => 409)])
    expect(await server.read(`Patient/${AMY}`)).toMatchObject({
      link: [{ other: { reference: `Patient/${twin}` }, type: 'seealso' }],
    })
    expect(await server.read(`Patient/${twin}`)).toMatchObject({
      link: [{ other: { reference: `Patient/${AMY}` }, type: 'seealso' }],
    })
    expect(itemsOf(await get(`/people/${twin}/links`))).toMatchObject([{ type: 'see-also', person: { id: AMY } }])
    expect(itemsOf(await get(`/people/${AMY}/suggestions`))).toEqual([])
    const gone = await server.api('DELETE', `/people/${twin}/links/${AMY}`)
    expect([gone.status, gone.json]).toEqual([200, { items: [] }])
    for (const id of [AMY, twin]) expect(await server.read(`Patient/${id}`)).not.toHaveProperty('link')
    expect((await server.api('DELETE', `/people/${twin}/links/${AMY}`)).status).toBe(404)
    expect([
      await server.raw('hms.patients', { id: AMY.slice(4) }),
      await server.raw('healthapi.Patient', { id: 5299 }),
    ]).toEqual(rows)
  })

  test('one of which is not to be used any more: who asks twice with one key is answered twice', async () => {
    const headers = { 'Idempotency-Key': 'link-1' }
    const body = { other: twin, type: 'replaces' }
    const first = await server.api('POST', `/people/${AMY}/links`, body, headers)
    const again = await server.api('POST', `/people/${AMY}/links`, body, headers)
    expect([first.status, again.status, again.json]).toEqual([201, 201, first.json])
    expect(itemsOf(await get(`/people/${twin}/links`))).toMatchObject([{ type: 'replaced-by', person: { id: AMY } }])
  })

  test('are not linked to themselves, to nobody, or by who may only read', async () => {
    expect((await server.api('POST', `/people/${AMY}/links`, { other: AMY })).status).toBe(422)
    expect((await server.api('POST', `/people/${AMY}/links`, { other: 'never' })).status).toBe(404)
    expect((await server.api('POST', `/people/${AMY}/links`, { other: IVY }, bearer('reader').headers)).status).toBe(
      403,
    )
    expect(itemsOf(await get(`/people/${IVY}/links`))).toEqual([])
  })
})
