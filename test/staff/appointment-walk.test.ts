/**
 * An appointment from its request to whoever has its time in the end (docs/workflows/appointment.md): an app asks over FHIR,
 * staff does its part over the staff API, and an EHR reads each step over FHIR.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer } from '../support/callers.ts'
import type { Json, Reply, StaffServer } from '../support/staff-server.ts'
import { startStaffServer } from '../support/staff-server.ts'

const FHIR = '/t/demo/fhir/R4/Appointment'
const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10)
const headers = (token: string) => bearer(token).headers

let server: StaffServer
beforeAll(async () => {
  const tenant = 'demo'
  server = await startStaffServer({
    systems: ['hms', 'qivr'],
    mappings: 'mappings',
    tokens: {
      jane: { scope: 'patient/Appointment.crs', tenant, patient: 'qivr-jane' },
      staff: { scope: 'system/*.rs system/Appointment.cruds system/Communication.cruds', tenant },
      ehr: { scope: 'system/Appointment.rs', tenant },
    },
  })
  const person = { tenant_id: 't1' }
  await server.load({
    'qivr.tenants': [{ id: 't1', slug: 'demo', name: 'Demo', is_active: true }],
    'qivr.users': [
      { ...person, id: 'jane', role: 'patient', first_name: 'Jane', last_name: 'Roe' },
      { ...person, id: 'max', role: 'patient', first_name: 'Max', last_name: 'Poe' },
      { ...person, id: 'eva', role: 'practitioner', first_name: 'Eva', last_name: 'Lund' },
    ],
    'qivr.practitioners': [{ ...person, id: 'p-eva', user_id: 'eva' }],
  })
}, 60_000)
afterAll(() => server.stop())

const staff = (method: string, path: string, body?: object): Promise<Reply> =>
  server.api(method, path, body, headers('staff'))
const act = (id: unknown, what: string, body?: object): Promise<Reply> =>
  staff('POST', `/appointments/${String(id)}/${what}`, body)
const items = ({ json }: Reply): readonly Json[] => json['items'] ?? []

/** As the EHR sees it. */
async function seen(id: unknown): Promise<object> {
  const { status, json } = await server.send('GET', `${FHIR}/${String(id)}`, undefined, headers('ehr'))
  expect(status).toBe(200)
  return json
}

const between = (patient: string, answer: string, evas: string) => [
  { actor: { reference: `Patient/qivr-${patient}` }, status: answer },
  { actor: { reference: 'Practitioner/qivr-eva' }, status: evas },
]

async function askFor(start: string, end: string): Promise<string> {
  const participant = between('jane', 'needs-action', 'needs-action')
  const wish = { resourceType: 'Appointment', status: 'proposed', start, end, participant }
  const { status, json } = await server.send('POST', FHIR, wish, headers('jane'))
  expect([status, json]).toMatchObject([201, { status: 'proposed' }])
  return String((json as { id?: string }).id)
}

test('asked for over FHIR, confirmed, moved, called off; who waits is offered the time, and has it', async () => {
  const id = await askFor(`${day}T09:00:00Z`, `${day}T09:30:00Z`)
  const requests = items(await staff('GET', `/appointments?status=requested&date=${day}`))
  expect(requests).toMatchObject([{ id, patient: { name: 'Jane Roe' }, practitioner: { name: 'Eva Lund' } }])

  expect((await act(id, 'confirm')).json).toMatchObject({ status: 'scheduled' })
  expect(await seen(id)).toMatchObject({ status: 'booked', participant: between('jane', 'needs-action', 'accepted') })
  expect((await act(id, 'confirm')).json).toMatchObject({ status: 'confirmed' })
  expect(await seen(id)).toMatchObject({ status: 'booked', participant: between('jane', 'accepted', 'accepted') })

  const moved = await act(id, 'reschedule', { start: `${day}T10:00:00Z` })
  expect([moved.status, moved.json['status']]).toEqual([200, 'confirmed'])
  expect(await seen(id)).toMatchObject({ start: `${day}T10:00:00Z`, end: `${day}T10:30:00Z` })

  const { json: entry } = await staff('POST', '/waitlist', { patient: 'qivr-max', days: [day] })
  expect(await seen(entry['id'])).toMatchObject({ status: 'waitlist' })
  const cancelled = await act(id, 'cancel', { reason: 'Travel', by: 'patient' })
  expect(cancelled.json).toMatchObject({ status: 'cancelled', waitlist: [{ id: entry['id'], status: 'waiting' }] })
  expect(await seen(id)).toMatchObject({
    status: 'cancelled',
    cancelationReason: { text: 'Travel', coding: [{ code: 'pat' }] },
  })

  const offer = await staff('POST', `/waitlist/${String(entry['id'])}/offer`, { appointment: id })
  expect([offer.status, offer.json]).toMatchObject([201, { status: 'offered', patient: { name: 'Max Poe' } }])
  const theirs = offer.json['appointment']?.['id']
  expect(await seen(theirs)).toMatchObject({
    ...{ status: 'proposed', start: `${day}T10:00:00Z`, end: `${day}T10:30:00Z` },
    participant: between('max', 'needs-action', 'needs-action'),
  })

  const accepted = await staff('POST', `/waitlist/${String(entry['id'])}/accept`)
  expect([accepted.status, accepted.json]).toMatchObject([200, { id: theirs, status: 'scheduled' }])
  expect(await seen(theirs)).toMatchObject({
    status: 'booked',
    participant: between('max', 'needs-action', 'accepted'),
  })
  expect(JSON.stringify(await seen(entry['id']))).toContain('"valueCode":"fulfilled"')
  expect(items(await staff('GET', '/waitlist'))).toEqual([])
  expect(await seen(id)).toMatchObject({ status: 'cancelled' })
}, 60_000)

test('what was called off is final, and the rows say what was seen', async () => {
  const id = await askFor(`${day}T13:00:00Z`, `${day}T13:30:00Z`)
  await act(id, 'cancel', { reason: 'Ill', by: 'clinic' })
  expect((await act(id, 'confirm')).json).toMatchObject({ status: 409, detail: 'It is cancelled, which is final.' })
  expect((await act(id, 'reschedule', { start: `${day}T14:00:00Z` })).status).toBe(409)
  const row = await server.table('qivr.appointments').findOne({ id: id.replace('qivr-', '') })
  expect(row).toMatchObject({ status: 'cancelled', cancellation_reason: 'Ill' })
}, 60_000)
