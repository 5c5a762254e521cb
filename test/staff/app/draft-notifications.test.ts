/** UCP98: whoever left a draft for 24 hours is reminded, once. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { bannerNotify } from '../../../src/staff/app/notify.ts'
import type { SecondOpinionServer } from '../second-opinions.ts'
import { draft, somebody, startSecondOpinions } from '../second-opinions.ts'

const HOUR = 3_600_000

let app: SecondOpinionServer
beforeAll(async () => {
  app = await startSecondOpinions()
})
afterAll(() => app.stop())
beforeEach(async () => {
  app.world.notify = bannerNotify
  app.world.now = () => new Date()
  await app.table('sop.review_cases').deleteMany({})
  await app.settle()
})

const run = async (): Promise<unknown> => (await app.ask('u', '/app/process-draft-notifications')).body.data
const rowOf = (key: string) => app.table('sop.review_cases').findOne({ case_id: key })

/** Some hours after this the case has waited so long. */
async function draftAt(created: Date, more: object = {}): Promise<string> {
  const key = somebody()
  const created_date = created.toISOString().slice(0, 19).replace('T', ' ')
  const row = { ...draft, case_id: key, user_id: 'u1', is_notified: 0, medical_documents: '[]', created_date, ...more }
  await app.load({ 'sop.review_cases': [row] })
  return key
}

const today = new Date(Math.floor(Date.now() / 1000) * 1000)
const after = (hours: number, milliseconds = 0): void => {
  app.world.now = () => new Date(today.getTime() + hours * HOUR + milliseconds)
}

test('exactly 24 hours count, a millisecond less does not; it is done once', async () => {
  const key = await draftAt(today)
  after(24, -1)
  expect(await run()).toEqual({ eligible: 0, notified: 0 })
  after(24)
  const { body } = await app.ask('u', '/app/process-draft-notifications', {})
  expect(body).toMatchObject({
    message: 'Draft notifications processed successfully',
    data: { eligible: 1, notified: 1 },
  })
  expect(await rowOf(key)).toMatchObject({ is_notified: 1, claimed_at: null })
  const banner = await app.table('sop.sticky_header_cards').findOne({ key })
  expect(banner).toMatchObject({ type: 'SOP', user_id: 'u1', title_ar: expect.stringMatching(/مسودة/) })
  const { entry } = (await app.get(`Communication?recipient=Patient/sop-u1`)).json
  expect(entry).toHaveLength(1)
  after(48)
  expect(await run()).toEqual({ eligible: 0, notified: 0 })
})

test('only drafts are reminded, by when they were made and not by when they were edited', async () => {
  await draftAt(today, { status: 'review' })
  await draftAt(today, { is_notified: '1' })
  const key = await draftAt(today, { updated_date: new Date(today.getTime() + 23 * HOUR).toISOString() })
  after(25)
  expect(await run()).toEqual({ eligible: 1, notified: 1 })
  expect(await rowOf(key)).toMatchObject({ is_notified: 1 })
})

test('what was due a day and more before the gateway first saw it is left alone', async () => {
  const old = await draftAt(new Date(today.getTime() - 49 * HOUR))
  const recent = await draftAt(new Date(today.getTime() - 47 * HOUR))
  expect(await run()).toEqual({ eligible: 1, notified: 1 })
  expect([await rowOf(old), await rowOf(recent)]).toMatchObject([{ is_notified: 0 }, { is_notified: 1 }])
})

test('a reminder that fails is given back for a later run, and others go on', async () => {
  const [broken, fine] = [await draftAt(today), await draftAt(today)]
  after(24)
  app.world.notify = (reminder) =>
    reminder.draft['case_id'] === broken ? Promise.reject(new Error('no channel')) : bannerNotify(reminder)
  expect(await run()).toEqual({ eligible: 2, notified: 1 })
  expect([await rowOf(broken), await rowOf(fine)]).toMatchObject([{ is_notified: 0 }, { is_notified: 1 }])
  app.world.notify = bannerNotify
  expect(await run()).toEqual({ eligible: 1, notified: 1 })
})

test('of runs at once each draft is reminded by one, and not at all when it was submitted meanwhile', async () => {
  const keys = [await draftAt(today), await draftAt(today)]
  const submitted = await draftAt(today)
  after(24)
  const told: unknown[] = []
  app.world.notify = async ({ draft: row }) => {
    told.push(row['case_id'])
    if (told.length === 1) await app.table('sop.review_cases').updateOne({ case_id: submitted }, SUBMIT)
  }
  const runs = (await Promise.all([run(), run(), run()])) as { notified: number }[]
  expect([...new Set(told)].length).toBe(told.length)
  expect(keys.every((key) => told.includes(key))).toBe(true)
  expect(runs.reduce((sum, { notified }) => sum + notified, 0)).toBe(told.length)
})

const SUBMIT = { $set: { status: 'review' } }

test('a claim of a run that ended in between counts for a quarter of an hour', async () => {
  const claimed_at = new Date(today.getTime() + 24 * HOUR).toISOString()
  await draftAt(today, { is_notified: 1, claimed_at })
  after(24, HOUR / 4 - 1)
  expect(await run()).toEqual({ eligible: 0, notified: 0 })
  after(24, HOUR / 4)
  expect(await run()).toEqual({ eligible: 1, notified: 1 })
})
