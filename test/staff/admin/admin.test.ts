/** `/admin` over HTTP: a case from its submission to a report or a rejection, the lists, the catalogues. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { permitOf } from '../../../src/access/permit.ts'
import { caseFilter } from '../../../src/staff/admin/case-pages.ts'
import { CASE, NEWEST } from '../../../src/staff/app/cases.ts'
import { credentialOf } from '../../../src/staff/app/credentials.ts'
import { secondOpinionsIn } from '../../../src/staff/app/second-opinions.ts'
import { mappedFilter } from '../../../src/store/mapped-rows.ts'
import type { Said, SecondOpinionServer } from '../second-opinions.ts'
import { CARDIOLOGY, GONE, LINA, OMAR, documents, draft, somebody, startSecondOpinions } from '../second-opinions.ts'

let app: SecondOpinionServer
beforeAll(async () => {
  app = await startSecondOpinions()
})
afterAll(() => app.stop())

const submitted = (user = somebody()): Promise<string> => app.newCase(user, { status: 'review' })
const assign = (key: string, coordinator: string, more: object = {}, by = 'admin-1'): Promise<Said> =>
  app.ask(by, '/admin/assign-coordinator', { case_id: key, coordinator, ...more })
const rows = (name: string, key: string) => app.table(`sop.${name}`).find({ case_id: key }).toArray()

test('a case goes from draft to report, and FHIR shows each step at once', async () => {
  const user = somebody()
  const key = await app.newCase(user, { medical_history: 'ألم في الصدر', medical_documents: documents(1) })
  expect((await assign(key, LINA)).status).toBe(409)
  await app.ask(user, '/app/update-case', { ...draft, case_id: key, status: 'review' })
  expect((await assign(key, LINA)).body).toMatchObject({ status: 1000, data: { case_coordinator_id: LINA } })
  const request = await app.read(`ServiceRequest/sop-${key}`)
  expect(request).toMatchObject({ status: 'active', performer: [{ reference: `Practitioner/sop-${LINA}` }] })
  await app.ask('admin-1', '/admin/assign-doctors', { case_id: key, doctors: [OMAR] })
  await app.ask('admin-1', '/admin/request-documents', { case_id: key, doctor: OMAR, documents: ['MRI', 'ECG'] })
  const asked = await app.read(`Task?focus=ServiceRequest/sop-${key}&owner=Practitioner/sop-${OMAR}`)
  expect(JSON.stringify(asked)).toMatch(/"valueString":"MRI".*"valueString":"ECG"/)
  const [file] = documents(1, 'opinion')
  const report = { case_id: key, doctor: OMAR, conclusion: 'لا حاجة إلى الجراحة.', file }
  expect((await app.ask('admin-1', '/admin/file-report', report)).body).toMatchObject({ message: 'Report filed' })
  const found = (await app.get(`DiagnosticReport?based-on=ServiceRequest/sop-${key}`)).json.entry ?? []
  expect(found.map(({ resource }) => resource)).toMatchObject([{ conclusion: 'لا حاجة إلى الجراحة.' }])
  expect((await app.get(`Task?focus=ServiceRequest/sop-${key}&status=completed`)).json.entry).toHaveLength(1)
  expect((await app.ask('admin-1', '/admin/file-report', report)).status).toBe(409)
  const activity = await app.ask('admin-1', '/admin/case-activity', { case_id: key })
  const items = activity.body.data['items'] as { activity: string; updated_by: string }[]
  expect(items.map((each) => each.activity.split(' ')[0])).toEqual([
    ...['file-report', 'request-documents', 'assign-doctors', 'assign-coordinator'],
  ])
  expect(items.every(({ updated_by }) => updated_by === 'admin-1')).toBe(true)
  expect((await rows('case_status_history', key)).map(({ status }) => status as string).sort()).toEqual([
    'assigned',
    'draft',
    'review',
  ])
  const shown = await app.ask(user, '/app/case-detail', { case_id: key })
  expect(shown.body.data).toMatchObject({ status: 'review', case_coordinator_id: LINA })
  const seen = await app.ask('admin-2', '/admin/case-detail', { case_id: key })
  expect(seen.body.data).toEqual(shown.body.data)
})

describe('coordinators', () => {
  test('of two who are assigned at once one has the case, and the other side is told who', async () => {
    const key = await submitted()
    const answers = await Promise.all([assign(key, LINA, {}, 'admin-1'), assign(key, OMAR, {}, 'admin-2')])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const [row] = await rows('review_cases', key)
    const holder = row?.['case_coordinator_id'] as string
    expect(answers.find(({ status }) => status === 409)?.body.message).toContain(holder)
    const tasks = await rows('second_opinions', key)
    expect(tasks).toMatchObject([{ doctor_id: holder, is_coordinator: 1, active: 1 }])
  })

  test('are the same when assigned again, and others only when that is said', async () => {
    const key = await submitted()
    await assign(key, LINA)
    expect((await assign(key, LINA)).status).toBe(200)
    expect(await rows('sop_activity', key)).toHaveLength(1)
    expect((await assign(key, OMAR)).status).toBe(409)
    expect((await assign(key, OMAR, { reassign: true })).status).toBe(200)
    expect((await assign(key, LINA, { reassign: true })).status).toBe(200)
    const tasks = await rows('second_opinions', key)
    expect(tasks.map(({ doctor_id, active }) => [doctor_id as string, active as number])).toEqual([
      [LINA, 0],
      [OMAR, 0],
      [LINA, 1],
    ])
  })

  test('are active doctors, of cases that are there', async () => {
    const key = await submitted()
    const gone = await assign(key, GONE)
    expect([gone.status, gone.body.message]).toEqual([400, expect.stringContaining('coordinator')])
    expect((await assign(somebody(), LINA)).status).toBe(404)
    expect((await assign(key, LINA, { reassign: 'yes' })).status).toBe(400)
  })
})

test('specialists are asked once, however often and by however many at once', async () => {
  const key = await submitted()
  const ask = (doctors: unknown) => app.ask(somebody(), '/admin/assign-doctors', { case_id: key, doctors })
  const answers = await Promise.all([ask([LINA, OMAR]), ask([OMAR]), ask([OMAR, LINA])])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect((await rows('second_opinions', key)).map(({ doctor_id }) => doctor_id as string).sort()).toEqual([LINA, OMAR])
  expect((await ask([GONE])).status).toBe(400)
  expect((await ask([])).status).toBe(400)
  const none = await app.ask('a', '/admin/request-documents', { case_id: key, doctor: GONE, documents: ['x'] })
  expect(none.status).toBe(404)
})

test('a case is rejected with a reason, once it was submitted, and nothing is done with it then', async () => {
  const user = somebody()
  const key = await app.newCase(user)
  const reject = (reason?: string) => app.ask('admin-1', '/admin/reject-case', { case_id: key, reason })
  expect((await reject('too early')).status).toBe(409)
  await app.ask(user, '/app/update-case', { ...draft, case_id: key, status: 'review' })
  expect((await reject()).status).toBe(400)
  expect((await reject('Out of scope')).status).toBe(200)
  const { status, extension } = await app.read(`ServiceRequest/sop-${key}`)
  expect([status, JSON.stringify(extension)]).toEqual(['revoked', expect.stringContaining('Out of scope')])
  const shown = await app.ask(user, '/app/case-detail', { case_id: key })
  expect(shown.body.data).toMatchObject({ status: 'rejected', reject_reason: 'Out of scope' })
  expect([(await reject('again')).status, (await assign(key, LINA)).status]).toEqual([409, 409])
  expect((await rows('case_status_history', key)).map((row) => row['status'] as string)).toContain('rejected')
})

test('the admin side is not for users, nor the app for admins', async () => {
  const [user, admin] = [await app.token('u1'), await app.token('u1', 'snr_adm')]
  expect((await app.post('/admin/list-cases', { Authorization: user }, {})).status).toBe(401)
  expect((await app.post('/app/my-cases', { Authorization: admin }, {})).status).toBe(401)
})

describe('lists', () => {
  const keysOf = ({ body }: Said): string[] =>
    (body.data as unknown as { case_id: string }[]).map((each) => each.case_id)

  test('go through all cases of everybody, the latest first, by what is asked for', async () => {
    const user = somebody()
    const made = Array.from({ length: 25 }, (_, index) => ({
      ...{ ...draft, case_id: `${user}-${String(index).padStart(2, '0')}`, user_id: user, medical_documents: '[]' },
      ...{
        status: index % 5 === 0 ? 'review' : 'draft',
        is_notified: 0,
        case_coordinator_id: index === 5 ? LINA : null,
      },
      created_date: `20${String(25 - index).padStart(2, '0')}-01-01 07:00:00`,
    }))
    await app.load({ 'sop.review_cases': made })
    const all: string[] = []
    let cursor: string | null = null
    do {
      const sent: object = { user_id: user, page_size: 10, ...(cursor !== null && { cursor }) }
      const said: Said = await app.ask('a', '/admin/list-cases', sent)
      all.push(...keysOf(said))
      cursor = (said.body.pagination as { cursor: string | null }).cursor
    } while (cursor !== null)
    expect(all).toEqual(made.map(({ case_id }) => case_id))
    const list = async (body: object): Promise<string[]> => keysOf(await app.ask('a', '/admin/list-cases', body))
    expect(await list({ user_id: user, status: 'review' })).toHaveLength(5)
    expect(await list({ user_id: user, coordinator: LINA })).toEqual([`${user}-05`])
    expect(await list({ q: `${user}-1` })).toHaveLength(10)
    expect(await list({ q: user, page_size: 1_000 })).toHaveLength(25)
    expect((await app.ask('a', '/admin/list-cases', { cursor: 'x' })).status).toBe(400)
  })

  test('are found by an index, with a filter and without', async () => {
    const source = secondOpinionsIn(app.writeBack.plan)
    const permit = permitOf(credentialOf(source, { user: 'admin', audience: 'snr_adm' }))
    for (const keys of [[], ['status=*|active']]) {
      const filter = caseFilter({ keys, start: undefined, limit: 10 }, Date.UTC(2000), Date.UTC(2001))
      const asked = mappedFilter(permit, source.place(CASE), filter)
      const plan = await app.store.resources.find(asked).sort(NEWEST).explain('queryPlanner')
      const text = JSON.stringify((plan['queryPlanner'] as { winningPlan: object }).winningPlan)
      expect(text).toMatch(/"indexName":"(dates-from|dates-to|keys)"/)
      expect(text).not.toContain('COLLSCAN')
    }
  })
})

describe('catalogues', () => {
  test('are listed whole, saved and seen by the app and over FHIR', async () => {
    const list = async (path: string, body: object = {}): Promise<unknown[]> =>
      (await app.ask('a', `/admin/${path}`, body)).body.data['items'] as unknown[]
    expect(await list('review-types')).toHaveLength(3)
    expect(await list('disease-categories', { q: 'قديم' })).toMatchObject([{ active: 0 }])
    const type = { review_type: 'Rapid', review_type_ar: 'سريعة', min_review_days: 1, max_review_days: 2, price: 99.5 }
    const { body } = await app.ask('a', '/admin/save-review-type', type)
    const key = body.data['review_type_id'] as string
    const offered = async (): Promise<string> => JSON.stringify((await app.ask('u', '/app/review-types', {})).body)
    expect(await offered()).toContain('Rapid')
    expect(await app.read(`ActivityDefinition/sop-${key}`)).toMatchObject({ status: 'active', title: 'Rapid' })
    await app.ask('a', '/admin/save-review-type', { ...type, review_type_id: key, active: 0 })
    expect(await offered()).not.toContain('Rapid')
    const category = { dc_id: CARDIOLOGY, specialty_en: 'Heart', specialty_ar: 'القلب', doctor_ids: [LINA] }
    expect((await app.ask('a', '/admin/save-disease-category', category)).status).toBe(200)
    expect(await app.read(`HealthcareService/sop-${CARDIOLOGY}`)).toMatchObject({ name: 'Heart' })
    expect((await app.ask('a', '/admin/save-disease-category', { ...category, dc_id: 'none' })).status).toBe(404)
    expect((await app.ask('a', '/admin/save-review-type', { ...type, price: -1 })).status).toBe(400)
  })
})
