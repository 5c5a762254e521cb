/** What people are told is shown to them in the app of their source too. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Communication } from '@medplum/fhirtypes'
import { writeClinicSettings } from '../../../src/store/clinic-settings.ts'
import { stopMessages } from '../../../src/store/message-choices.ts'
import type { OwingWorkers } from '../../support/owing.ts'
import { owedOf, owingWorkers, until } from '../../support/owing.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { SourceServer } from '../../support/source-server.ts'
import { startSourceServer } from '../../support/source-server.ts'

const DAY = 24 * 3_600_000
const TENANT = '6e933a57-0a79-406b-af7b-595b20e74f3a'

let clinic: SourceServer
let inbox: Receiver
let workers: OwingWorkers

beforeAll(async () => {
  const jobs = ['appointment-changes', 'report-ready', 'documents-requested', 'in-app']
  clinic = await startSourceServer({ mappings: 'mappings', systems: ['qivr', 'sop'], jobs })
  const person = { tenant_id: TENANT, role: 'patient', first_name: 'A', last_name: 'B', is_active: true }
  await clinic.load({
    'qivr.tenants': [{ id: TENANT, slug: 'clinic', name: 'Clinic' }],
    'qivr.users': [
      { ...person, id: 'u1', email: 'a@example.org' },
      { ...person, id: 'u2' },
      { ...person, id: 'u3', email: 'c@example.org' },
    ],
  })
  const reminders = { enabled: true, minutesBefore: [60] }
  for (const tenant of ['clinic', 'default']) await writeClinicSettings(clinic.store, tenant, { reminders })
})

afterAll(() => clinic.stop())

beforeEach(async () => {
  inbox = await receiver()
  workers = owingWorkers(clinic.writeBack, inbox.url)
  workers.start()
})

afterEach(async () => {
  await workers.stop()
  await inbox.stop()
})

const iso = (days: number) => new Date(Date.now() + days * DAY).toISOString()
const shown = (person: string) => clinic.table('qivr.notifications').find({ recipient_id: person }).toArray()

/** Gives what became of the message about it. */
async function booked(id: string, person: string) {
  const times = { scheduled_start: iso(3), scheduled_end: iso(3), created_at: iso(0), updated_at: iso(0) }
  const row = { id, tenant_id: TENANT, patient_id: person, status: 'scheduled', ...times }
  await clinic.load({ 'qivr.appointments': [row] })
  const about = `clinic/Appointment/qivr-${id}`
  await until(async () => (await owedOf(clinic.store, about)).some(({ ended }) => ended !== undefined))
  const [owed] = await owedOf(clinic.store, about)
  return owed
}

async function communications(tenant: string): Promise<Communication[]> {
  const found = await clinic.store.resources.find({ tt: `${tenant}/Communication`, deleted: false }).toArray()
  return found.map(({ body }) => JSON.parse(body) as Communication)
}

test('who is written to finds the message in the app, once, about what it is about', async () => {
  expect(await booked('a1', 'u1')).toMatchObject({ state: 'sent' })
  expect(inbox.heard).toHaveLength(1)
  const rows = await shown('u1')
  expect(rows).toMatchObject([
    {
      ...{ tenant_id: TENANT, type: 'appointment_confirmed', channel: 'in-app', data: { appointment_id: 'a1' } },
      ...{ title: expect.stringMatching(/appointment/i) as unknown, retry_count: 0 },
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/) as unknown,
    },
  ])
  expect(Date.parse(String(rows[0]?.['sent_at']))).toBeGreaterThan(Date.now() - 60_000)
  const told = await communications('clinic')
  expect(told.map(({ medium }) => medium?.[0]?.text ?? medium?.[0]?.coding?.[0]?.code).sort()).toEqual([
    'EMAILWRIT',
    'in-app',
  ])
  expect(told.find(({ id }) => id === `qivr-${String(rows[0]?.['id'])}`)).toMatchObject({
    ...{ status: 'completed', about: [{ reference: 'Appointment/qivr-a1' }] },
    recipient: [{ reference: 'Patient/qivr-u1' }],
  })
}, 30_000)

test('who has no address finds it in the app, and no other is kept', async () => {
  const before = (await communications('clinic')).length
  expect(await booked('a2', 'u2')).toMatchObject({ state: 'sent' })
  expect([inbox.heard.length, (await shown('u2')).length, (await communications('clinic')).length - before]).toEqual([
    0, 1, 1,
  ])
}, 30_000)

test('who does not want messages of the kind is not shown them either', async () => {
  const kind = 'appointment-confirmed'
  await stopMessages(clinic.store, { t: 'clinic', person: 'Patient/qivr-u3', kind, code: '*' })
  await booked('a3', 'u3')
  expect(await shown('u3')).toEqual([])
}, 30_000)

test('the banner of a case says in both languages what is so now', async () => {
  const wall = iso(-9).slice(0, 19).replace('T', ' ')
  const opinion = { doctor_id: 'd1', requested_documents: '[]', active: 1, is_coordinator: 0, created_date: wall }
  await clinic.load({
    'sop.review_cases': [{ case_id: 'c1', user_id: 'u1', status: 'review', created_date: wall, is_notified: 1 }],
    'sop.second_opinions': [{ ...opinion, sop_id: 's1', case_id: 'c1', report: null }],
    'sop.sticky_header_cards': [{ type: 'SOP', key: 'c1', user_id: 'u1', title_en: 'Case submitted', title_ar: '-' }],
  })
  const table = clinic.table('sop.second_opinions')
  const banners = () => clinic.table('sop.sticky_header_cards').find({}).toArray()
  const says = (text: string) => until(async () => (await banners())[0]?.['title_en'] === text)
  await table.updateOne({ sop_id: 's1' }, { $set: { requested_documents: '["MRI of the knee"]' } })
  await says('More documents are needed')
  await table.updateOne({ sop_id: 's1' }, { $set: { report: '{"conclusion":"new"}' } })
  await says('Your report is ready')
  expect(await banners()).toMatchObject([{ type: 'SOP', key: 'c1', user_id: 'u1', title_ar: 'تقريرك جاهز' }])
  const told = await communications('default')
  expect(told).toMatchObject([{ payload: [{ contentString: 'Your report is ready' }] }])
}, 30_000)
