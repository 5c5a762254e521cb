import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { messageKey } from '../../../src/channels/message-key.ts'
import { writeClinicSettings } from '../../../src/store/clinic-settings.ts'
import type { OwingWorkers } from '../../support/owing.ts'
import { owedOf, owingWorkers, until } from '../../support/owing.ts'
import type { Receiver } from '../../support/receiver.ts'
import { receiver } from '../../support/receiver.ts'
import type { SourceServer } from '../../support/source-server.ts'
import { startSourceServer } from '../../support/source-server.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const NO_QUIET = { enabled: true, minutesBefore: [1440, 120] }

let hms: SourceServer
let inbox: Receiver
let workers: OwingWorkers
let count = 0

beforeAll(async () => {
  hms = await startSourceServer({ mappings: 'mappings', systems: ['hms', 'qivr'], jobs: ['appointment-reminders'] })
})

afterAll(() => hms.stop())

beforeEach(async () => {
  await writeClinicSettings(hms.store, 'default', { reminders: NO_QUIET })
  inbox = await receiver()
  workers = owingWorkers(hms.writeBack, inbox.url)
  workers.start()
})

afterEach(async () => {
  await workers.stop()
  await inbox.stop()
})

interface Booked {
  readonly id: string
  readonly about: string
  readonly email: string
}

const wall = (at: number) => new Date(at).toISOString().slice(0, 16).split('T') as [string, string]

function startOf(at: number): object {
  const [day, time] = wall(at)
  return { appointmentDate: `${day} 00:00:00`, appointmentTime: time }
}

/** Starts so many minutes from now, to the minute. */
async function book(at: number, more: object = {}): Promise<Booked> {
  const id = `appointment-${++count}`
  const email = `${id}@example.org`
  const user = { id: `u${count}`, userId: `PAT-${count}`, firstName: 'A', lastName: 'B', email, isDeleted: false }
  await hms.load({
    'hms.users': [{ ...user, roles: ['patient'] }],
    'hms.patients': [{ id: `p${count}`, userId: `u${count}` }],
    'hms.appointments': [
      { id, patientId: `p${count}`, status: 'scheduled', duration: 30, reminderSent: null, ...startOf(at), ...more },
    ],
  })
  return { id, about: `default/Appointment/hms-${id}`, email }
}

const minute = (at: number) => Math.ceil(at / MINUTE) * MINUTE
const dueAt = (at: number) => ({ due: new Date(at) })
const heard = (email: string) => inbox.heard.filter(({ body }) => (JSON.parse(body) as { to: string }).to === email)
const states = async (about: string) => (await owedOf(hms.store, about)).map(({ state }) => state)
const change = (id: string, set: object) => hms.table('hms.appointments').updateOne({ id }, { $set: set })
/** Its due time is over now, as if the gateway had been away until then. */
const passed = (about: string, which: RegExp) =>
  hms.store.owed.updateMany({ about, which }, { $set: { at: new Date(), due: new Date(Date.now() - 1000) } })

test('what is booked is owed a day and two hours before; it is sent once, marked in the row and kept', async () => {
  const start = minute(Date.now() + 3 * DAY)
  const { id, about, email } = await book(start)
  await until(async () => (await owedOf(hms.store, about)).length === 2)
  expect(await owedOf(hms.store, about)).toMatchObject([
    { kind: 'appointment-reminders', state: 'owed', ...dueAt(start - DAY) },
    { kind: 'appointment-reminders', state: 'owed', ...dueAt(start - 120 * MINUTE) },
  ])
  await passed(about, /^1440/)
  await until(async () => (await states(about)).includes('sent'))
  const [message] = heard(email)
  const [owed] = await owedOf(hms.store, about)
  expect(heard(email)).toHaveLength(1)
  expect(message?.headers['idempotency-key']).toBe(messageKey(owed?._id ?? ''))
  expect(JSON.parse(message?.body ?? '')).toMatchObject({ kind: 'appointment-reminder', language: 'en' })
  const row = await hms.table('hms.appointments').findOne({ id })
  expect(row?.['reminderSent']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  await hms.settle()
  const told = await hms.read(`Communication/${owed?._id ?? ''}`)
  expect(told).toMatchObject({
    status: 'completed',
    about: [{ reference: `Appointment/hms-${id}` }],
    recipient: [{ reference: `Patient/hms-p${count}` }],
  })
  expect(JSON.stringify(told)).not.toContain(email)
  expect(await states(about)).toEqual(['sent', 'owed'])
}, 30_000)

test('moved, it is reminded of its new time; cancelled, not at all; booked again for the time it had, again', async () => {
  const start = minute(Date.now() + 3 * DAY)
  const { id, about } = await book(start)
  await until(async () => (await states(about)).length === 2)
  await change(id, startOf(start + DAY))
  await until(async () => (await states(about)).length === 4)
  expect((await owedOf(hms.store, about)).map(({ state, due }) => [state, due.getTime() - start])).toEqual([
    ['dropped', -DAY],
    ['dropped', -120 * MINUTE],
    ['owed', 0],
    ['owed', DAY - 120 * MINUTE],
  ])
  await change(id, { status: 'cancelled' })
  await until(async () => (await states(about)).every((state) => state === 'dropped'))
  await change(id, { status: 'scheduled', ...startOf(start) })
  await until(async () => (await states(about)).filter((state) => state === 'owed').length === 2)
}, 30_000)

test('a change that nobody had time to follow is seen when it is sent', async () => {
  const { id, about, email } = await book(minute(Date.now() + 2 * DAY))
  await until(async () => (await states(about)).length === 2)
  await workers.stop()
  await change(id, { status: 'cancelled' })
  await hms.settle()
  await hms.store.outbox.deleteMany({})
  await passed(about, /^1440/)
  workers = owingWorkers(hms.writeBack, inbox.url)
  workers.start()
  await until(async () => (await states(about)).includes('dropped'))
  expect(heard(email)).toEqual([])
}, 30_000)

test('away while both fell due, the gateway sends the later one only; of what is over it says nothing (fault 27)', async () => {
  const { about, email } = await book(minute(Date.now() + 2 * DAY))
  await until(async () => (await states(about)).length === 2)
  await workers.stop()
  const at = (seconds: number) => new Date(Date.now() - seconds * 1000)
  await hms.store.owed.updateMany({ about, which: /^1440/ }, { $set: { at: at(20), due: at(20) } })
  await hms.store.owed.updateMany({ about, which: /^120/ }, { $set: { at: at(10), due: at(10) } })
  workers = owingWorkers(hms.writeBack, inbox.url)
  workers.start()
  await until(async () => !(await states(about)).includes('owed') && !(await states(about)).includes('sending'))
  expect([await states(about), heard(email).length]).toEqual([['dropped', 'sent'], 1])
}, 30_000)

test('a clinic that wishes other times has all its appointments planned again', async () => {
  const start = minute(Date.now() + 4 * DAY)
  const { about } = await book(start)
  await until(async () => (await states(about)).length === 2)
  await writeClinicSettings(hms.store, 'default', { reminders: { enabled: true, minutesBefore: [60] } })
  await until(async () => (await states(about)).length === 3)
  const open = (await owedOf(hms.store, about)).filter(({ state }) => state === 'owed')
  expect(open.map(({ due }) => start - due.getTime())).toEqual([60 * MINUTE])
}, 30_000)

test('what took place long before the gateway saw it is late: counted, never sent, and its row stays as it is', async () => {
  const { id, about, email } = await book(minute(Date.now() - 3 * DAY))
  await until(async () => (await states(about)).length === 1)
  expect(await states(about)).toEqual(['late'])
  expect((await hms.table('hms.appointments').findOne({ id }))?.['reminderSent']).toBeNull()
  expect(heard(email)).toEqual([])
}, 30_000)
