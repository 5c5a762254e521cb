/** Appointments over /api, in rows of three source systems: booked, confirmed, moved, called off; one place, one winner. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { bearer } from '../../support/callers.ts'
import type { Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const DAY = 86_400_000
/** Nothing else is there: midnight in Kolkata of a day that is to come. */
const FIRST = Date.parse(`${new Date(Date.now() + 30 * DAY).toISOString().slice(0, 10)}T00:00:00+05:30`)

let server: StaffServer
beforeAll(async () => {
  server = await startStaffServer({
    systems: ['hms', 'healthapi', 'qivr'],
    mappings: 'mappings',
    timeZone: 'Asia/Kolkata',
    routing: { default: { Appointment: 'hms' } },
    tokens: {
      desk: { scope: 'system/*.rs system/Appointment.cruds', tenant: 'default' },
      clinic: { scope: 'system/*.rs system/Appointment.cruds', tenant: 'demo' },
      reader: { scope: 'system/*.rs' },
      patient: { scope: 'patient/*.rs', patient: 'hms-p2' },
    },
  })
  await server.load({
    'hms.users': [
      { id: 'u1', firstName: 'Noor', lastName: 'Haddad', role: 'patient', isDeleted: false },
      { id: 'u2', firstName: 'Omar', lastName: 'Aziz', role: 'patient', isDeleted: false },
      { id: 'u3', firstName: 'Anna', lastName: 'Berg', role: 'doctor', isDeleted: false },
    ],
    'hms.patients': [
      { id: 'p1', userId: 'u1', patientId: 'PAT-000001' },
      { id: 'p2', userId: 'u2', patientId: 'PAT-000002' },
    ],
    'hms.doctors': Array.from({ length: 9 }, (_, n) => ({ id: `d${n}`, userId: 'u3', doctorId: `DOC-00000${n}` })),
    'healthapi.Patient': [{ id: 1, first_name: 'Lina', last_name: 'Roy' }],
    'healthapi.Doctor': [{ id: 2, first_name: 'Per', last_name: 'Dahl' }],
    'qivr.tenants': [{ id: 't1', slug: 'demo', name: 'Demo', is_active: true }],
    'qivr.users': [
      { id: 'q1', tenant_id: 't1', role: 'patient', first_name: 'Mia', last_name: 'Chen' },
      { id: 'q2', tenant_id: 't1', role: 'practitioner', first_name: 'Ben', last_name: 'Kay' },
    ],
    'qivr.practitioners': [{ id: 'pr', tenant_id: 't1', user_id: 'q2' }],
  })
}, 60_000)
afterAll(() => server.stop())

const as = (name: string, headers: object = {}): Record<string, string> => ({ ...bearer(name).headers, ...headers })
const desk = (method: string, path: string, body?: object, headers: object = {}): Promise<Reply> =>
  server.api(method, path, body, as('desk', headers))

interface View {
  readonly id: string
  readonly start: string
}

const viewIn = (json: unknown): View => json as View
const itemsIn = ({ json }: Reply): readonly View[] => (json as unknown as { readonly items: View[] }).items

/** So many minutes after the first midnight. */
const at = (minutes: number): string => new Date(FIRST + minutes * 60_000).toISOString()
const booking = (practitioner: string, start: string, more: object = {}): object => ({
  ...{ patient: 'hms-p1', practitioner: `hms-${practitioner}`, start, minutes: 30 },
  ...more,
})

async function booked(practitioner: string, start: string, more: object = {}): Promise<View> {
  const { status, json } = await desk('POST', '/appointments', booking(practitioner, start, more))
  expect([status, json.detail]).toEqual([201, undefined])
  return viewIn(json)
}

const row = (id: string): Promise<Record<string, unknown> | null> =>
  server.table('hms.appointments').findOne({ id: id.replace('hms-', '') })

describe('booking', () => {
  test('makes a row in the source of the patient, and an appointment that FHIR shows at once', async () => {
    const made = await booked('d1', at(9 * 60), { reason: 'Palpitations' })
    expect(made).toMatchObject({
      ...{ system: 'hms', status: 'scheduled', version: 1, minutes: 30, reason: 'Palpitations' },
      patient: { id: 'hms-p1', name: 'Noor Haddad' },
      practitioner: { id: 'hms-d1', name: 'Anna Berg' },
    })
    expect(await row(made.id)).toMatchObject({ appointmentTime: '09:00', duration: 30, status: 'scheduled' })
    expect(await server.read(`Appointment/${made.id}`)).toMatchObject({ status: 'booked', description: 'Palpitations' })
  })

  test('of overlapping times at once has one winner, and tells the others what is there', async () => {
    const starts = Array.from({ length: 16 }, (_, n) => at(10 * 60 + n - 8))
    const answers = await Promise.all(starts.map((start) => desk('POST', '/appointments', booking('d2', start))))
    const [winner, ...more] = answers.filter(({ status }) => status === 201)
    expect(more).toEqual([])
    const others = answers.filter(({ status }) => status === 409)
    expect(others).toHaveLength(15)
    for (const { json } of others) expect(json.detail).toContain(winner?.json.id)
    expect(await server.table('hms.appointments').countDocuments({ doctorId: 'd2' })).toBe(1)
  }, 60_000)

  test('fits before and after what is there, over midnight too, and not into it', async () => {
    await booked('d3', at(-15))
    expect((await desk('POST', '/appointments', booking('d3', at(0)))).status).toBe(409)
    expect((await desk('POST', '/appointments', booking('d3', at(-600), { minutes: 1200 }))).status).toBe(409)
    await booked('d3', at(15))
    await booked('d3', at(-45))
    await booked('d4', at(0))
  })

  test('sent again with its Idempotency-Key is done once', async () => {
    const key = { 'Idempotency-Key': randomUUID() }
    const answers = [1, 2].map(() => desk('POST', '/appointments', booking('d4', at(600)), key))
    const [first] = await Promise.all(answers)
    const again = await desk('POST', '/appointments', booking('d4', at(600)), key)
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
    expect(await server.table('hms.appointments').countDocuments({ doctorId: 'd4', appointmentTime: '10:00' })).toBe(1)
    expect([201, 409]).toContain(first?.status)
  })

  test.each([
    ['body.start', booking('d4', '2020-01-01T10:00:00Z')],
    ['body.start', booking('d4', at(0.5))],
    ['body.patient', booking('d4', at(900), { patient: 'hms-nobody' })],
    ['body.practitioner', booking('nobody', at(900))],
    ['body.minutes', booking('d4', at(900), { minutes: 0 })],
    ['body.doctor', booking('d4', at(900), { doctor: 'hms-d1' })],
  ])('is refused with the name of what is wrong: %s', async (field, body) => {
    const { status, json } = await desk('POST', '/appointments', body)
    expect([status, json['errors']?.[0]?.['field']]).toEqual([400, field])
  })

  test('needs the right to write appointments', async () => {
    expect((await server.api('POST', '/appointments', booking('d4', at(900)), as('reader'))).status).toBe(403)
  })

  test('works in the rows of every source', async () => {
    const health = { patient: 'healthapi-1', practitioner: 'healthapi-2', start: at(60), minutes: 45 }
    expect((await desk('POST', '/appointments', health)).json).toMatchObject({ system: 'healthapi', minutes: 45 })
    const qivr = { patient: 'qivr-q1', practitioner: 'qivr-q2', start: at(60), minutes: 45 }
    const made = await server.api('POST', '/appointments', qivr, as('clinic'))
    expect([made.status, made.json]).toMatchObject([201, { system: 'qivr', practitioner: { name: 'Ben Kay' } }])
    const confirmed = await server.api('POST', `/appointments/${made.json.id}/confirm`, undefined, as('clinic'))
    expect(confirmed.json).toMatchObject({ status: 'confirmed', version: 2 })
    const cancelled = await server.api(
      ...(['POST', `/appointments/${made.json.id}/cancel`] as const),
      ...([{ reason: 'Snow', by: 'patient' }, as('clinic')] as const),
    )
    expect(cancelled.json).toMatchObject({ status: 'cancelled', cancellation: { reason: 'Snow', by: 'patient' } })
    const stored = await server.table('qivr.appointments').findOne({ patient_id: 'q1' })
    expect(stored).toMatchObject({ status: 'cancelled', cancellation_reason: 'Snow' })
  })
})

describe('the steps of an appointment', () => {
  test('go from scheduled to confirmed to another time to cancelled, in the row and over FHIR', async () => {
    const { id } = await booked('d5', at(540))
    const confirmed = await desk('POST', `/appointments/${id}/confirm`)
    expect([confirmed.json, await row(id)]).toMatchObject([{ status: 'confirmed' }, { status: 'confirmed' }])
    const moved = await desk('POST', `/appointments/${id}/reschedule`, { start: at(555) })
    expect([moved.status, moved.json]).toMatchObject([200, { status: 'confirmed', minutes: 30, waitlist: [] }])
    expect(await row(id)).toMatchObject({ appointmentTime: '09:15', duration: 30, status: 'confirmed' })
    await booked('d5', at(525))
    const taken = await desk('POST', `/appointments/${id}/reschedule`, { start: at(540) })
    expect([taken.status, taken.json.detail]).toEqual([409, expect.stringMatching(/choose another time/)])
    const cancelled = await desk('POST', `/appointments/${id}/cancel`, { reason: 'Travel', by: 'patient' })
    expect(cancelled.json).toMatchObject({ status: 'cancelled', cancellation: { reason: 'Travel', by: 'patient' } })
    expect(await row(id)).toMatchObject({ status: 'cancelled', cancelledReason: 'Travel', cancelledBy: 'u1' })
    expect(await server.read(`Appointment/${id}`)).toMatchObject({ status: 'cancelled', meta: { versionId: '4' } })
    await booked('d5', at(555))
  })

  test('that are not next are refused with what is', async () => {
    const { id } = await booked('d6', at(540))
    expect((await desk('POST', `/appointments/${id}/complete`)).json.detail).toMatch(/has not begun/)
    await desk('POST', `/appointments/${id}/cancel`, { reason: 'Ill', by: 'practitioner' })
    for (const step of ['confirm', 'no-show', 'complete']) {
      expect((await desk('POST', `/appointments/${id}/${step}`)).json).toMatchObject({
        status: 409,
        detail: 'It is cancelled, which is final.',
      })
    }
    const arrived = { id: randomUUID(), patientId: 'p1', doctorId: 'd6', status: 'scheduled' }
    const begun = { appointmentDate: new Date(Date.now() - DAY).toISOString().slice(0, 10), appointmentTime: '08:00' }
    await server.load({ 'hms.appointments': [{ ...arrived, ...begun, duration: 10 }] })
    expect((await desk('POST', `/appointments/hms-${arrived.id}/no-show`)).json).toMatchObject({ status: 'no-show' })
    expect(await row(arrived.id)).toMatchObject({ status: 'no_show' })
  })

  test('of a request take its place, and follow what the source allows', async () => {
    const request = { id: randomUUID(), tenant_id: 't1', patient_id: 'q1', provider_id: 'q2', status: 'requested' }
    const times = { scheduled_start: at(120), scheduled_end: at(150) }
    await server.load({ 'qivr.appointments': [{ ...request, ...times }] })
    const path = `/appointments/qivr-${request.id}`
    const post = (step: string): Promise<Reply> => server.api('POST', `${path}/${step}`, undefined, as('clinic'))
    const answers = await Promise.all(Array.from({ length: 16 }, () => post('confirm')))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(15)
    const stored = (): Promise<unknown> => server.table('qivr.appointments').findOne({ id: request.id })
    expect(await stored()).toMatchObject({ status: 'scheduled' })
    expect((await server.api('GET', path, undefined, as('clinic'))).json).toMatchObject({ status: 'scheduled' })
  }, 60_000)

  test('of one version are made of that version or not at all', async () => {
    const { id } = await booked('d7', at(540))
    expect((await desk('POST', `/appointments/${id}/confirm`, undefined, { 'If-Match': 'W/"2"' })).status).toBe(412)
    const confirmed = await desk('POST', `/appointments/${id}/confirm`, undefined, { 'If-Match': 'W/"1"' })
    expect([confirmed.status, confirmed.headers.get('etag')]).toEqual([200, 'W/"2"'])
  })
})

describe('the list', () => {
  test('of a day is the clinic’s own day, of whom is asked, page by page', async () => {
    const date = new Date(FIRST + DAY * 3.5).toISOString().slice(0, 10)
    const day = FIRST + 3 * DAY
    const times = [-1, 0, 90, 1439, 1440].map((minute) => new Date(day + minute * 60_000).toISOString())
    for (const [n, start] of times.entries()) await booked('d8', start, { minutes: 1, patient: `hms-p${1 + (n % 2)}` })
    const list = (query: string): Promise<Reply> =>
      desk('GET', `/appointments?date=${date}&practitioner=hms-d8&${query}`)
    const starts = (reply: Reply): string[] => itemsIn(reply).map(({ start }) => new Date(start).toISOString())
    const all = await list('')
    expect([all.json.timeZone, starts(all)]).toEqual(['Asia/Kolkata', times.slice(1, 4)])
    expect(itemsIn(all)[0]).toMatchObject({ patient: { id: 'hms-p2', name: 'Omar Aziz' } })
    const first = await list('limit=2&order=latest')
    expect(starts(first)).toEqual([times[3], times[2]])
    expect(starts(await list(`limit=2&order=latest&cursor=${first.json.cursor}`))).toEqual([times[1]])
    expect(starts(await list('days=2&status=scheduled&patient=hms-p1'))).toEqual([times[2], times[4]])
    expect(starts(await list('status=confirmed'))).toEqual([])
  })

  test('of a patient is every day, and shows whose it is not to nobody else', async () => {
    expect(itemsIn(await desk('GET', '/appointments?patient=hms-p2'))).toHaveLength(2)
    const [one] = itemsIn(await desk('GET', '/appointments?patient=hms-p1'))
    const other = await server.api('GET', `/appointments/${one?.id}`, undefined, as('patient'))
    const nobody = await server.api('GET', '/appointments/hms-nobody', undefined, as('patient'))
    expect([other.status, other.json]).toEqual([404, nobody.json])
    const foreign = await server.api('GET', `/appointments/${one?.id}`, undefined, as('clinic'))
    expect([foreign.status, foreign.json]).toEqual([404, nobody.json])
  })
})
