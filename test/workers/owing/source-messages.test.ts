import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { writeClinicSettings } from '../../../src/store/clinic-settings.ts'
import type { OwingWorkers } from '../../support/owing.ts'
import { owedOf, owingWorkers, until } from '../../support/owing.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { SourceServer } from '../../support/source-server.ts'
import { startSourceServer } from '../../support/source-server.ts'

const HOUR = 3_600_000
const TENANT = '6e933a57-0a79-406b-af7b-595b20e74f3a'

let qivr: SourceServer
let inbox: Receiver
let workers: OwingWorkers
let refuses = false

beforeAll(async () => {
  const jobs = ['prom-reminders', 'notifications']
  qivr = await startSourceServer({ mappings: 'mappings', systems: ['hms', 'qivr'], jobs })
  await qivr.load({
    'qivr.tenants': [{ id: TENANT, slug: 'clinic', name: 'Clinic' }],
    'qivr.users': [
      { id: 'u1', tenant_id: TENANT, role: 'patient', first_name: 'A', last_name: 'B', email: 'a@example.org' },
    ],
    'qivr.prom_templates': [{ id: 't1', tenant_id: TENANT, key: 'ndi', version: 1, name: 'NDI', questions: [] }],
  })
  await writeClinicSettings(qivr.store, 'clinic', { reminders: { enabled: true, minutesBefore: [60] } })
})

afterAll(() => qivr.stop())

beforeEach(async () => {
  refuses = false
  inbox = await receiver((response) => void response.writeHead(refuses ? 400 : 204).end())
  workers = owingWorkers(qivr.writeBack, inbox.url)
  workers.start()
})

afterEach(async () => {
  await workers.stop()
  await inbox.stop()
})

const ago = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString()
const note = { tenant_id: TENANT, recipient_id: 'u1', type: 'system', title: 'Hello', message: 'We are open.' }
const open = { ...note, sent_at: null, read_at: null, error_message: null, retry_count: 0 }
const row = (table: string, id: string) => qivr.table(`qivr.${table}`).findOne({ id })
const states = async (about: string) => (await owedOf(qivr.store, about)).map(({ state }) => state)

test('a message of a source goes out when it is due, and its row says so; one shown in the app is not sent elsewhere', async () => {
  await qivr.load({
    'qivr.notifications': [
      { ...open, id: 'n1', channel: 'email', scheduled_for: ago(1) },
      { ...open, id: 'n2', channel: 'in-app', scheduled_for: ago(1) },
    ],
  })
  await until(async () => (await row('notifications', 'n1'))?.['sent_at'] !== null)
  await until(async () => (await row('notifications', 'n2'))?.['sent_at'] !== null)
  expect(inbox.heard.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
    { kind: 'source-notification', to: 'a@example.org', text: expect.stringContaining('We are open.') as unknown },
  ])
  expect(await row('notifications', 'n1')).toMatchObject({ error_message: null, retry_count: 0 })
}, 30_000)

test('one that is refused says why in its row, and is not tried again', async () => {
  refuses = true
  await qivr.load({ 'qivr.notifications': [{ ...open, id: 'n3', channel: 'email', scheduled_for: ago(1) }] })
  await until(async () => (await row('notifications', 'n3'))?.['error_message'] !== null)
  expect(await row('notifications', 'n3')).toMatchObject({
    ...{ sent_at: null, retry_count: 1, error_message: 'the message was refused' },
  })
  expect(await states('clinic/Communication/qivr-n3')).toEqual(['failed'])
}, 30_000)

test('one that was due long before it was first seen is late, and its row stays as it is', async () => {
  await qivr.load({ 'qivr.notifications': [{ ...open, id: 'n4', channel: 'email', scheduled_for: ago(30) }] })
  const about = 'clinic/Communication/qivr-n4'
  await until(async () => (await states(about)).length > 0)
  expect([await states(about), (await row('notifications', 'n4'))?.['sent_at']]).toEqual([['late'], null])
}, 30_000)

test('who does not answer a questionnaire is reminded, counted in the row, and again some days later', async () => {
  const prom = { tenant_id: TENANT, template_id: 't1', patient_id: 'u1', appointment_id: null, responses: null }
  const waiting = { ...prom, status: 'pending', scheduled_for: null, reminder_count: 0, last_reminder_at: null }
  await qivr.load({ 'qivr.prom_instances': [{ ...waiting, id: 'q1', sent_at: ago(73) }] })
  await until(async () => (await row('prom_instances', 'q1'))?.['reminder_count'] === 1)
  const about = 'clinic/QuestionnaireResponse/qivr-q1'
  await until(async () => (await states(about)).length === 2)
  const [, next] = await owedOf(qivr.store, about)
  expect([await states(about), Math.round(((next?.due.getTime() ?? 0) - Date.now()) / HOUR)]).toEqual([
    ['sent', 'owed'],
    72,
  ])
  await qivr.table('qivr.prom_instances').updateOne({ id: 'q1' }, { $set: { status: 'completed' } })
  await until(async () => !(await states(about)).includes('owed'))
}, 30_000)

test('what is not urgent goes out in one, at the hour that the clinic chose, and each row says so', async () => {
  const low = { ...open, priority: 'low', channel: 'email', scheduled_for: ago(1) }
  await qivr.load({
    'qivr.notifications': [
      { ...low, id: 'l1', title: 'Opening hours' },
      { ...low, id: 'l2', title: 'Parking' },
    ],
  })
  const about = 'clinic/Patient/qivr-u1'
  await until(async () => (await states(about)).includes('owed'))
  const [digest] = await owedOf(qivr.store, about)
  expect([await states(about), digest?.due.toISOString().slice(11, 16)]).toEqual([['owed'], '09:00'])
  await qivr.store.owed.updateOne({ _id: digest?._id ?? '' }, { $set: { at: new Date() } })
  await until(async () => (await states(about)).includes('sent'))
  expect(inbox.heard.map(({ body }) => JSON.parse(body) as object)).toMatchObject([{ kind: 'digest' }])
  expect(inbox.heard[0]?.body).toMatch(/Opening hours.*Parking/s)
  expect((await row('notifications', 'l1'))?.['sent_at']).toBe((await row('notifications', 'l2'))?.['sent_at'])
}, 30_000)
