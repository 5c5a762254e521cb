/** A time that became free is offered to who waits: one after the other, each told once, until somebody takes it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { writeClinicSettings } from '../../../src/store/clinic-settings.ts'
import type { OwingWorkers } from '../../support/owing.ts'
import { owedOf, owingWorkers, until } from '../../support/owing.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { SourceServer } from '../../support/source-server.ts'
import { startSourceServer } from '../../support/source-server.ts'

const DAY = 86_400_000
const start = new Date(Math.ceil(Date.now() / DAY) * DAY + 40 * DAY)
const end = new Date(start.getTime() + DAY / 48)

let qivr: SourceServer
let inbox: Receiver
let workers: OwingWorkers

beforeAll(async () => {
  qivr = await startSourceServer({ mappings: 'mappings', systems: ['hms', 'qivr'], jobs: ['waitlist-offers'] })
  await qivr.load({
    'qivr.tenants': [{ id: 't1', slug: 'clinic', name: 'Clinic' }],
    'qivr.users': [
      ...['q1', 'q2', 'q3'].map((id) => ({ ...user(id), role: 'patient', email: `${id}@example.org` })),
      { ...user('d1'), role: 'practitioner' },
    ],
    'qivr.practitioners': [{ id: 'p-d1', tenant_id: 't1', user_id: 'd1' }],
    'qivr.appointment_waitlist_entries': [
      { ...entry, id: 'w1', patient_id: 'q1' },
      { ...entry, id: 'w2', patient_id: 'q2', provider_id: 'd1' },
    ],
    'qivr.appointments': [
      { ...times, id: 'a1', tenant_id: 't1', patient_id: 'q3', provider_id: 'd1', status: 'confirmed' },
    ],
  })
  await writeClinicSettings(qivr.store, 'clinic', { reminders: { enabled: true, minutesBefore: [60] } })
  inbox = await receiver()
  workers = owingWorkers(qivr.writeBack, inbox.url)
  workers.start()
}, 60_000)

afterAll(async () => {
  await workers.stop()
  await inbox.stop()
  await qivr.stop()
})

const user = (id: string) => ({ id, tenant_id: 't1', first_name: id })
const entry = { tenant_id: 't1', preferred_dates: [], status: 'waiting', matched_appointment_id: null }
const times = { scheduled_start: start.toISOString(), scheduled_end: end.toISOString() }
const heard = () => inbox.heard.map(({ body }) => JSON.parse(body) as { readonly kind: string; readonly to: string })
const rowOf = (id: string) => qivr.table('qivr.appointment_waitlist_entries').findOne({ id })
const offerOf = async (id: string) =>
  qivr.table('qivr.appointments').findOne({ id: (await rowOf(id))?.['matched_appointment_id'] as string })

test('whom it suits best is offered it and told; when the offer ends unanswered, who is next is', async () => {
  await qivr.table('qivr.appointments').updateOne({ id: 'a1' }, { $set: { status: 'cancelled' } })
  await until(() => heard().length === 1)
  expect(heard()).toMatchObject([{ kind: 'waitlist-offer', to: 'q2@example.org' }])
  expect([await offerOf('w2'), (await rowOf('w1'))?.['matched_appointment_id']]).toMatchObject([
    { patient_id: 'q2', provider_id: 'd1', status: 'requested' },
    null,
  ])
  await qivr.settle()
  const [told] = await qivr.store.owed.find({ kind: 'waitlist-offers', state: 'sent' }).toArray()
  expect(await qivr.read(told?.about.slice('clinic/'.length) ?? '', '/t/clinic/fhir/R4')).toMatchObject({
    status: 'completed',
  })
  const [lapse] = await owedOf(qivr.store, told?.about ?? '').then((all) =>
    all.filter(({ which }) => which === 'lapse'),
  )
  expect(Math.round(((lapse?.due.getTime() ?? 0) - Date.now()) / 3_600_000)).toBe(24)
  await qivr.store.owed.updateOne({ _id: lapse?._id ?? '' }, { $set: { at: new Date() } })
  await until(() => heard().length === 2)
  expect([heard()[1]?.to, (await offerOf('w2'))?.['status']]).toEqual(['q1@example.org', 'cancelled'])
}, 60_000)

test('what was taken meanwhile is offered to nobody, nor what suits nobody', async () => {
  const booked = { tenant_id: 't1', patient_id: 'q3', provider_id: 'd1' }
  await qivr.load({
    'qivr.appointments': [
      { ...times, ...booked, id: 'a2', status: 'scheduled' },
      { ...times, ...booked, id: 'a3', status: 'scheduled' },
    ],
  })
  await qivr.table('qivr.appointments').updateOne({ id: 'a2' }, { $set: { status: 'cancelled' } })
  const about = 'clinic/Appointment/qivr-a2'
  await until(async () => (await owedOf(qivr.store, about)).some(({ state }) => state === 'dropped'))
  expect(await owedOf(qivr.store, about)).toMatchObject([{ kind: 'freed-times', reason: 'the time is taken' }])
}, 60_000)
