/** The settings of a clinic: what holds in the beginning, who may change them, whose days they make. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer } from '../../support/callers.ts'
import type { Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

let server: StaffServer
beforeAll(async () => {
  const user = { account: 'a1', representing: [], permissions: ['*.rs', 'settings:manage'] }
  server = await startStaffServer({
    systems: ['hms'],
    mappings: 'mappings',
    tokens: {
      admin: { scope: 'user/*.rs', user },
      desk: { scope: 'user/*.rs', user: { ...user, permissions: ['*.rs'] } },
      other: { scope: 'user/*.rs', tenant: 'second', user },
    },
  })
})
afterAll(() => server.stop())

const as = (name: string, method: string, path: string, body?: object): Promise<Reply> =>
  server.api(method, path, body, bearer(name).headers)

const usual = {
  timeZone: 'UTC',
  language: 'en',
  digestAt: '09:00',
  reminders: { enabled: true, minutesBefore: [1440, 120], quietHours: { from: '21:00', to: '08:00' } },
}

test('what was never said holds as documented, what was said holds in this tenant alone', async () => {
  expect((await as('desk', 'GET', '/settings')).json).toEqual(usual)
  const said = { timeZone: 'Asia/Kolkata', reminders: { enabled: false, minutesBefore: [30, 600] } }
  const kept = { ...usual, timeZone: 'Asia/Kolkata', reminders: { enabled: false, minutesBefore: [600, 30] } }
  expect((await as('admin', 'PUT', '/settings', said)).json).toEqual(kept)
  expect((await as('desk', 'GET', '/settings')).json).toEqual(kept)
  expect((await as('other', 'GET', '/settings')).json).toEqual(usual)
  expect((await as('desk', 'GET', '/appointments')).json).toMatchObject({ timeZone: 'Asia/Kolkata' })
})

test('who may not change them, and what is no setting, is refused', async () => {
  expect((await as('desk', 'PUT', '/settings', {})).status).toBe(403)
  const fieldOf = async (body: object): Promise<unknown> => {
    const { json } = await as('admin', 'PUT', '/settings', body)
    return (json['errors'] as unknown as { field: string }[] | undefined)?.[0]?.field
  }
  expect(await fieldOf({ timeZone: 'Mars/Olympus' })).toBe('body.timeZone')
  expect(await fieldOf({ language: 'xx' })).toBe('body.language')
  const reminders = { enabled: true, minutesBefore: [120], quietHours: { from: '25:00', to: '08:00' } }
  expect(await fieldOf({ reminders })).toBe('body.reminders.quietHours.from')
  const never = { ...reminders, quietHours: { from: '08:00', to: '08:00' } }
  expect(await fieldOf({ reminders: never })).toBe('body.reminders.quietHours')
})

test('the clinic may say messages in its own words; what does not fit is refused with a sentence, and nothing of it is kept', async () => {
  const words = (short: string) => ({
    'appointment-reminder': { en: { short: [short] }, ar: { short: ['نراك يوم {start:date}.'] } },
  })
  const texts = words('See you on {start:date}.')
  expect((await as('admin', 'PUT', '/settings', { texts })).json).toEqual({ ...usual, texts })
  const refused = await as('admin', 'PUT', '/settings', { texts: words('You have {illness}.') })
  expect(refused.status).toBe(400)
  expect(refused.json['errors']).toMatchObject([
    {
      field: 'body.texts.appointment-reminder.en.short[0]',
      detail: expect.stringContaining('knows no {illness}') as unknown,
    },
  ])
  expect((await as('desk', 'GET', '/settings')).json).toEqual({ ...usual, texts })
})
