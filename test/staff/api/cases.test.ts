/** Cases of second opinions as coordinators see them: lists, board, and one with all that belongs to it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { bearer } from '../../support/callers.ts'
import { demoRows } from '../../support/demo-rows.ts'
import type { Json, Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const KNEE = 'sop-8416952c-b87c-411f-ab97-077cd7d9937e'
const DRAFT = 'sop-85a80ae5-8b1c-440f-a3c5-2754ddee84d8'
const SARA = 'sop-b9fa7c3f-f063-4577-a9ad-6bea0da9bc53'

let server: StaffServer
beforeAll(async () => {
  server = await startStaffServer({
    mappings: 'mappings',
    systems: ['sop'],
    tokens: { other: { scope: 'patient/*.rs', patient: 'sop-872022b0-6f0a-4818-a264-61905bd96bdc' } },
  })
  const rows = demoRows('sop')
  const cases = rows['sop.review_cases'] ?? []
  const bare = { ...cases[1], _id: undefined, status: 'review', case_coordinator_id: null }
  const made = (case_id: string, more: object) => ({ ...bare, case_id, ...more })
  await server.load({
    ...rows,
    'sop.review_cases': [
      ...cases,
      made('waits', { created_date: '2026-01-01 08:00:00' }),
      made('coordinated', { case_coordinator_id: SARA.slice(4) }),
    ],
  })
}, 60_000)
afterAll(() => server.stop())

function get(path: string, token?: string): Promise<Reply> {
  return server.api('GET', path, undefined, token === undefined ? {} : bearer(token).headers)
}

async function idsOf(path: string, token?: string): Promise<string[]> {
  const { status, json } = await get(path, token)
  expect([path, status]).toEqual([path, 200])
  return (json['items'] as unknown as Json[]).map(({ id }) => String(id)).sort()
}

describe('cases are found', () => {
  test.each([
    ['status=draft', [DRAFT]],
    ['status=in-review', ['sop-waits']],
    ['status=assigned', ['sop-coordinated']],
    ['status=reported', [KNEE]],
    ['status=rejected', ['sop-2d2aa956-4f1f-432e-a265-30755ea9423b']],
    [`coordinator=${SARA}`, [KNEE, 'sop-coordinated']],
    [`coordinator=${SARA}&status=reported`, [KNEE]],
    ['reviewType=480f4dac-3cf9-40a9-a27e-f434dc196abd', ['sop-2d2aa956-4f1f-432e-a265-30755ea9423b']],
    ['q=waits', ['sop-waits']],
    [`q=${KNEE}`, [KNEE]],
    ['q=sara%20mansour', [KNEE, 'sop-coordinated']],
    ['q=Legacy', ['sop-2d2aa956-4f1f-432e-a265-30755ea9423b']],
    ['q=never', []],
  ])('by %s', async (query, ids) => {
    expect(await idsOf(`/cases?${query}`)).toEqual(ids)
  })

  test('with what the catalogue calls them in both languages', async () => {
    const { json } = await get(`/cases?q=${KNEE}`)
    expect((json['items'] as unknown as Json[])[0]).toMatchObject({
      ...{ status: 'reported', age: 45, gender: 'female', history: 'Knee pain after fall', documents: 1 },
      reviewType: { name: 'Basic Review', arabic: 'مراجعة أساسية' },
      coordinator: { id: SARA, name: 'Dr. Sara Mansour' },
    })
  })

  test('by the patient whose they are, and by nobody else', async () => {
    expect(await idsOf('/cases', 'other')).not.toContain(KNEE)
    const [hidden, nothing] = [await get(`/cases/${KNEE}`, 'other'), await get('/cases/never', 'other')]
    expect([hidden.status, hidden.json]).toEqual([404, nothing.json])
  })
})

test('the board has the newest of each column, and how many there are', async () => {
  const { json } = await get('/cases/board')
  const columns = json['columns'] as unknown as Json[]
  expect(columns.map(({ status, count, more }) => [status, count, more])).toEqual([
    ['draft', 1, false],
    ['in-review', 1, false],
    ['assigned', 1, false],
    ['reported', 1, false],
    ['rejected', 1, false],
  ])
  expect(columns[3]?.['newest']).toMatchObject([{ id: KNEE, status: 'reported' }])
})

test('one case comes with documents, who was asked, what was said and its history, as it is at the moment', async () => {
  const { json } = await get(`/cases/${KNEE}`)
  expect(json).toMatchObject({
    documents: expect.arrayContaining([expect.objectContaining({ title: 'xray.png', case: KNEE })]),
    tasks: expect.arrayContaining([
      expect.objectContaining({ kind: 'coordination', status: 'open', requestedDocuments: ['MRI report'] }),
      expect.objectContaining({ kind: 'review', status: 'done' }),
    ]),
    reports: [{ conclusion: expect.stringMatching(/physiotherapy/) }],
    milestones: [{ status: 'draft' }, { status: 'review' }],
  })
  await server
    .table('sop.review_cases')
    .updateOne({ case_id: 'waits' }, { $set: { status: 'rejected', reject_reason: 'No' } })
  await server.settle()
  expect((await get('/cases/sop-waits')).json).toMatchObject({ status: 'rejected', reason: 'No' })
})
