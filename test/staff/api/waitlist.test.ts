/** Who waits for an appointment: put on the list, matched to a freed time, offered it, the first who accepts has it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer } from '../../support/callers.ts'
import type { Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const DAY = 86_400_000
const date = new Date(Date.now() + 40 * DAY).toISOString().slice(0, 10)
const start = `${date}T09:00:00Z`

let server: StaffServer
beforeAll(async () => {
  const scope = 'system/*.rs system/Appointment.cruds system/Communication.cruds'
  server = await startStaffServer({
    systems: ['hms', 'qivr'],
    mappings: 'mappings',
    tokens: { clinic: { scope, tenant: 'demo' }, other: { scope, tenant: 'second' } },
  })
  await server.load({
    'qivr.tenants': [
      { id: 't1', slug: 'demo', name: 'Demo', is_active: true },
      { id: 't2', slug: 'second', name: 'Second', is_active: true },
    ],
    'qivr.users': [
      ...['q1', 'q2', 'q3', 'q4'].map((id) => ({ id, tenant_id: 't1', role: 'patient', first_name: id })),
      ...['d1', 'd2'].map((id) => ({ id, tenant_id: 't1', role: 'practitioner', first_name: id })),
    ],
    'qivr.practitioners': ['d1', 'd2'].map((id) => ({ id: `p-${id}`, tenant_id: 't1', user_id: id })),
  })
}, 60_000)
afterAll(() => server.stop())

interface View {
  readonly id: string
  readonly status: string
  readonly patient: { readonly id: string }
}

const clinic = (method: string, path: string, body?: object): Promise<Reply> =>
  server.api(method, path, body, bearer('clinic').headers)
const view = ({ json }: Reply): View => json as unknown as View
const patients = (list: unknown): string[] => (list as View[]).map(({ patient }) => patient.id)

async function wait(patient: string, more: object = {}): Promise<string> {
  const answer = await clinic('POST', '/waitlist', { patient: `qivr-${patient}`, ...more })
  expect([answer.status, view(answer).status]).toEqual([201, 'waiting'])
  return view(answer).id
}

const entryRow = (id: string): Promise<Record<string, unknown> | null> =>
  server.table('qivr.appointment_waitlist_entries').findOne({ id: id.replace('qivr-', '') })
const stateOf = async (id: string): Promise<string | undefined> =>
  ((await clinic('GET', '/waitlist')).json as unknown as { items: View[] }).items.find((each) => each.id === id)?.status

test('a cancelled appointment is offered to who waits; one accepts and has it, the other is told', async () => {
  const anybody = await wait('q2')
  const thisDay = await wait('q3', { days: [date], notes: 'Mornings' })
  const thisDoctor = await wait('q4', { practitioner: 'qivr-d1' })
  await wait('q1', { practitioner: 'qivr-d2' })
  await wait('q1', { days: ['2020-01-01'] })
  expect(await entryRow(thisDay)).toMatchObject({ status: 'waiting', notes: 'Mornings', preferred_dates: [date] })

  const booking = { patient: 'qivr-q1', practitioner: 'qivr-d1', start, minutes: 30 }
  const { id: freed } = view(await clinic('POST', '/appointments', booking))
  const early = await clinic('POST', `/waitlist/${thisDay}/offer`, { appointment: freed })
  expect([early.status, early.json.detail]).toEqual([409, 'This appointment is not cancelled.'])
  const cancelled = await clinic('POST', `/appointments/${freed}/cancel`, { reason: 'Away', by: 'patient' })
  expect(patients(cancelled.json['waitlist'])).toEqual(['qivr-q4', 'qivr-q3', 'qivr-q2'])

  for (const entry of [thisDoctor, thisDay, anybody]) {
    const offer = await clinic('POST', `/waitlist/${entry}/offer`, { appointment: freed })
    expect([offer.status, offer.json.detail]).toEqual([201, undefined])
    expect(offer.json).toMatchObject({ status: 'offered', appointment: { status: 'requested', minutes: 30 } })
  }
  expect((await clinic('POST', `/waitlist/${anybody}/offer`, { appointment: freed })).status).toBe(409)
  expect((await clinic('DELETE', `/waitlist/${anybody}`)).status).toBe(409)
  const messages = await server.store.resources.find({ tt: 'demo/Communication' }).toArray()
  expect(messages.map(({ body }) => JSON.parse(body) as object)).toEqual(
    Array.from({ length: 3 }, () => expect.objectContaining({ status: 'preparation' })),
  )

  const declined = await clinic('POST', `/waitlist/${thisDoctor}/decline`)
  expect([declined.json, declined.json['next']]).toMatchObject([{ status: 'waiting' }, []])
  const accepts = await Promise.all([thisDay, anybody].map((id) => clinic('POST', `/waitlist/${id}/accept`)))
  expect(accepts.map(({ status }) => status).sort()).toEqual([200, 409])
  const winner = accepts[0]?.status === 200 ? thisDay : anybody
  expect(await stateOf(winner)).toBeUndefined()
  expect(accepts.find(({ status }) => status === 200)?.json).toMatchObject({ status: 'scheduled' })
  const rows = await server.table('qivr.appointments').find({ provider_id: 'd1', status: 'scheduled' }).toArray()
  expect(rows).toHaveLength(1)
  // The row says so too, by the same commit; whoever was slower waits on
  const taken = {
    status: 'fulfilled',
    fulfilled_at: expect.any(String),
    matched_appointment_id: rows[0]?.['id'] as string,
  }
  expect(await entryRow(winner)).toMatchObject(taken)
  const slower = await entryRow(winner === thisDay ? anybody : thisDay)
  expect([slower?.['status'], slower?.['fulfilled_at']]).toEqual(['waiting', undefined])
}, 60_000)

test('an offer that is booked over FHIR fulfils the entry in the same commit, and what follows changes no more of it', async () => {
  const entry = await wait('q3')
  const place = { practitioner: 'qivr-d1', start: `${date}T15:00:00Z`, minutes: 20 }
  const offer = await clinic('POST', `/waitlist/${entry}/offer`, place)
  const { id: offered } = (offer.json as unknown as { appointment: View }).appointment
  const base = '/t/demo/fhir/R4/Appointment/'
  const asked = (await server.send('GET', base + offered, undefined, bearer('clinic').headers)).json
  const booked = await server.send('PUT', base + offered, { ...asked, status: 'booked' }, bearer('clinic').headers)
  expect([booked.status, booked.json]).toMatchObject([200, { status: 'booked' }])
  const row = await entryRow(entry)
  expect(row).toMatchObject({ status: 'fulfilled', fulfilled_at: expect.any(String) })
  const seen = (await server.send('GET', base + entry, undefined, bearer('clinic').headers)).json
  expect(JSON.stringify(seen)).toContain('"valueCode":"fulfilled"')
  await clinic('POST', `/appointments/${offered}/cancel`, { reason: 'Away', by: 'clinic' })
  expect(await entryRow(entry)).toEqual(row)
  expect(await stateOf(entry)).toBeUndefined()
}, 60_000)

test('another time is offered too, and an entry is taken off the list', async () => {
  const entry = await wait('q2')
  const place = { practitioner: 'qivr-d2', start: `${date}T11:00:00Z`, minutes: 20 }
  const matches = await clinic('GET', `/waitlist/matches?practitioner=qivr-d2&start=${date}T11:00:00Z`)
  expect(patients(matches.json['items'])).toContain('qivr-q2')
  expect((await clinic('POST', `/waitlist/${entry}/offer`, place)).status).toBe(201)
  await clinic('POST', `/waitlist/${entry}/decline`)
  expect((await clinic('DELETE', `/waitlist/${entry}`)).json).toMatchObject({ status: 'removed' })
  expect([await stateOf(entry), (await entryRow(entry))?.['status']]).toEqual([undefined, 'cancelled'])
}, 60_000)

test('two who offer something to the same person at once: one has offered, the other is told', async () => {
  const entry = await wait('q4')
  const offers = await Promise.all(
    [9, 10, 11].map((hour) => {
      const place = { practitioner: 'qivr-d2', start: `${date}T${hour + 8}:00:00Z`, minutes: 20 }
      return clinic('POST', `/waitlist/${entry}/offer`, place)
    }),
  )
  expect(offers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  expect(await stateOf(entry)).toBe('offered')
}, 60_000)

test('of another tenant it is not there, and what is wrong is named', async () => {
  const entry = await wait('q3')
  const accept = (id: string): Promise<Reply> =>
    server.api('POST', `/waitlist/${id}/accept`, undefined, bearer('other').headers)
  const [foreign, nobody] = [await accept(entry), await accept('qivr-nobody')]
  expect([foreign.status, foreign.json]).toEqual([404, nobody.json])
  expect((await clinic('POST', `/waitlist/${entry}/accept`)).json.detail).toMatch(/no offer/)
  const wrong = await clinic('POST', '/waitlist', { patient: 'qivr-nobody' })
  expect([wrong.status, wrong.json.detail]).toEqual([400, 'body.patient names nobody who is here.'])
  await server.load({
    'hms.users': [{ id: 'u1', firstName: 'Amy', lastName: 'Ray', isDeleted: false, roles: 'patient' }],
    'hms.patients': [{ id: 'p1', userId: 'u1', patientId: 'PAT-1' }],
  })
  const none = await server.api('POST', '/waitlist', { patient: 'hms-p1' })
  expect([none.status, none.json.detail]).toEqual([422, expect.stringMatching(/keeps no waitlist: book a free time/)])
  expect((await clinic('GET', '/waitlist/matches')).status).toBe(400)
})
