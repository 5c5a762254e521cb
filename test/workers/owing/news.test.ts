import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { writeClinicSettings } from '../../../src/store/clinic-settings.ts'
import type { OwingWorkers } from '../../support/owing.ts'
import { owedOf, owingWorkers, until } from '../../support/owing.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { SourceServer } from '../../support/source-server.ts'
import { startSourceServer } from '../../support/source-server.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let clinic: SourceServer
let inbox: Receiver
let workers: OwingWorkers
let count = 0

beforeAll(async () => {
  const jobs = ['appointment-changes', 'report-ready', 'draft-reminders']
  clinic = await startSourceServer({ mappings: 'mappings', systems: ['hms', 'sop'], jobs })
  await writeClinicSettings(clinic.store, 'default', {
    name: 'Clinic North',
    reminders: { enabled: true, minutesBefore: [60] },
  })
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

const wall = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
const ago = (days: number) => wall(Date.now() - days * DAY)

function startOf(at: number): object {
  const [day = '', time = ''] = wall(at).split(' ')
  return { appointmentDate: `${day} 00:00:00`, appointmentTime: time.slice(0, 5) }
}

interface Booked {
  readonly id: string
  readonly about: string
  readonly email: string
}

/** A row that the clinic's own program makes. */
async function book(at: number, more: object = {}): Promise<Booked> {
  const id = `appointment-${++count}`
  const email = `${id}@example.org`
  const user = { id: `u${count}`, userId: `PAT-${count}`, firstName: 'A', lastName: 'B', email, isDeleted: false }
  const row = { id, patientId: `p${count}`, status: 'scheduled', duration: 30, createdAt: ago(0), ...startOf(at) }
  await clinic.load({
    'hms.users': [{ ...user, roles: ['patient'] }],
    'hms.patients': [{ id: `p${count}`, userId: `u${count}` }],
    'hms.appointments': [{ ...row, ...more }],
  })
  return { id, about: `default/Appointment/hms-${id}`, email }
}

const start = Math.ceil(Date.now() / MINUTE) * MINUTE + 3 * DAY
const change = (id: string, set: object) => clinic.table('hms.appointments').updateOne({ id }, { $set: set })
const states = async (about: string) => (await owedOf(clinic.store, about)).map(({ state }) => state)
const sent = (about: string, times: number) =>
  until(async () => (await states(about)).filter((state) => state === 'sent').length === times)
const heard = (email: string) =>
  inbox.heard
    .map(({ body }) => JSON.parse(body) as { readonly kind: string; readonly to: string; readonly text: string })
    .filter(({ to }) => to === email)

test('the patient hears that an appointment was booked, moved and called off, once each, and nothing of other changes', async () => {
  const { id, about, email } = await book(start)
  await sent(about, 1)
  await change(id, { status: 'confirmed', notes: 'bring the letter' })
  await clinic.settle()
  await change(id, startOf(start + DAY))
  await sent(about, 2)
  await change(id, { status: 'cancelled' })
  await sent(about, 3)
  const messages = heard(email)
  expect(messages.map(({ kind }) => kind)).toEqual([
    'appointment-confirmed',
    'appointment-moved',
    'appointment-cancelled',
  ])
  expect(messages[1]?.text).toContain('It was on ')
  expect(messages[0]?.text).toContain('from Clinic North.')
}, 30_000)

test('it is said in the words of the clinic', async () => {
  const reminders = { enabled: true, minutesBefore: [60] }
  const words = { short: ['See you on {start:date}.'], lines: ['We look forward to {start:date}.'] }
  const texts = { 'appointment-confirmed': { en: words, ar: words } }
  await writeClinicSettings(clinic.store, 'default', { name: 'Clinic North', reminders, texts })
  const { about, email } = await book(start)
  await sent(about, 1)
  expect(heard(email).map(({ text }) => text)).toEqual([expect.stringMatching(/^We look forward to \w+, \d+ /)])
  await writeClinicSettings(clinic.store, 'default', { name: 'Clinic North', reminders })
}, 30_000)

test('what was made long before the gateway saw it is no news; a change of it is', async () => {
  const { id, about, email } = await book(start, { createdAt: ago(3) })
  await change(id, startOf(start + DAY))
  await sent(about, 1)
  expect(heard(email).map(({ kind }) => kind)).toEqual(['appointment-moved'])
}, 30_000)

test('where it changed again before it was told, only what is so now is told', async () => {
  await workers.stop()
  const { id, about, email } = await book(start)
  await change(id, startOf(start + DAY))
  await clinic.settle()
  await change(id, { status: 'cancelled' })
  await clinic.settle()
  workers = owingWorkers(clinic.writeBack, inbox.url)
  workers.start()
  await sent(about, 1)
  await until(async () => (await states(about)).filter((state) => state === 'dropped').length === 2)
  expect(heard(email).map(({ kind }) => kind)).toEqual(['appointment-cancelled'])
}, 30_000)

test('a change at night waits until the quiet hours are over, unless the appointment begins before', async () => {
  const reminders = { enabled: true, minutesBefore: [60], quietHours: { from: '00:00', to: '23:59' } }
  await writeClinicSettings(clinic.store, 'default', { reminders })
  const [later, soon] = [await book(start), await book(Date.now() + 20 * MINUTE)]
  await until(async () => (await states(later.about)).length === 1)
  const [owed] = await owedOf(clinic.store, later.about)
  const isQuietNow = new Date().toISOString().slice(11, 16) !== '23:59'
  expect(owed?.due.toISOString().slice(11, 16) === '23:59' || !isQuietNow).toBe(true)
  await sent(soon.about, 1)
  await writeClinicSettings(clinic.store, 'default', { reminders: { enabled: true, minutesBefore: [60] } })
}, 30_000)

test('a report that is filed in a row that was there is told once; one that came with its row long ago is not', async () => {
  const opinion = { doctor_id: 'd1', requested_documents: '[]', active: 1, is_coordinator: 0, created_date: ago(9) }
  await clinic.load({
    'sop.review_cases': [{ case_id: 'c1', user_id: 'u1', status: 'review', created_date: ago(9), is_notified: 1 }],
    'sop.second_opinions': [
      { ...opinion, sop_id: 's1', case_id: 'c1', report: null },
      { ...opinion, sop_id: 's2', case_id: 'c1', report: '{"conclusion":"old"}' },
    ],
  })
  await clinic.table('sop.second_opinions').updateOne({ sop_id: 's1' }, { $set: { report: '{"conclusion":"new"}' } })
  const [filed, old] = ['s1', 's2'].map((id) => `default/DiagnosticReport/sop-${id}`) as [string, string]
  await until(async () => (await states(filed)).includes('dropped'))
  expect(await owedOf(clinic.store, filed)).toMatchObject([{ reason: 'there is no way to the recipient' }])
  await clinic.table('sop.second_opinions').updateOne({ sop_id: 's1' }, { $set: { report: '{"conclusion":"newer"}' } })
  await clinic.settle()
  expect([(await states(filed)).length, await states(old)]).toEqual([1, []])
}, 30_000)

test('a draft whose reminder was due long before it was first seen is late, once, and its row stays as it is', async () => {
  const draft = { user_id: 'u1', status: 'draft', is_notified: 0 }
  await clinic.load({
    'sop.review_cases': [
      { ...draft, case_id: 'd1', created_date: ago(3) },
      { ...draft, case_id: 'd2', created_date: ago(1) },
    ],
  })
  const [old, recent] = ['d1', 'd2'].map((id) => `default/ServiceRequest/sop-${id}`) as [string, string]
  await until(async () => (await states(old)).length > 0)
  await clinic.table('sop.review_cases').updateOne({ case_id: 'd1' }, { $set: { medical_history: 'more' } })
  await clinic.settle()
  expect([await states(old), await states(recent)]).toEqual([['late'], []])
  expect(await clinic.table('sop.review_cases').findOne({ case_id: 'd1' })).toMatchObject({ is_notified: 0 })
}, 30_000)

test('a link to a visit by video goes by email, and is not kept', async () => {
  const meetingLink = 'https://video.example/room/secret'
  const { about, email } = await book(start, { isVirtual: true, meetingLink })
  await sent(about, 1)
  expect(heard(email)[0]?.text).toContain(meetingLink)
  const [owed] = await owedOf(clinic.store, about)
  await clinic.settle()
  expect(JSON.stringify(await clinic.read(`Communication/${owed?._id ?? ''}`))).not.toContain('video.example')
}, 30_000)
