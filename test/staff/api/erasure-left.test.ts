/** Rows that their mapping lets nobody delete hold an erasure open: they are named, and when they are gone it is finished. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer } from '../../support/callers.ts'
import type { Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const user = { account: 'boss', representing: [], permissions: ['records:erase', '*.cruds'] }

let server: StaffServer
beforeAll(async () => {
  server = await startStaffServer({
    systems: ['ward'],
    mappings: 'test/mappings',
    tokens: { admin: { scope: 'user/*.cruds', user } },
  })
  const visit = { patient: 'p1', status: 'scheduled', starts: '2025-03-01 10:00:00' }
  await server.load({
    'ward.accounts': [{ id: 'a1', number: 'W-1', email: 'a@example.org', family: 'Ray', given: 'Ann' }],
    'ward.patients': [{ id: 'p1', account: 'a1', number: 'W-1', deleted: null }],
    'ward.visits': [
      { id: 'open', ...visit },
      { id: 'locked', ...visit, locked: true },
    ],
  })
}, 60_000)
afterAll(() => server.stop())

const erase = (): Promise<Reply> =>
  server.api('POST', '/people/w-p1/erasures', { reason: 'court-order' }, bearer('admin').headers)
const list = async (): Promise<unknown> =>
  (await server.api('GET', '/erasures', undefined, bearer('admin').headers)).json['items']

test('what stays is named (202), and the erasure goes on once it is gone', async () => {
  const first = await erase()
  expect([first.status, first.json]).toMatchObject([
    202,
    { state: 'open', patient: 'w-p1', left: [{ kind: 'ward/visit', count: 1 }] },
  ])
  expect(first.json['salt']).toBeUndefined()
  expect((await server.get('Patient/w-p1')).status).not.toBe(200)
  expect((await server.get('Appointment/w-open')).status).not.toBe(200)
  expect((await server.get('Appointment/w-locked')).status).toBe(200)
  expect(await list()).toMatchObject([{ state: 'open', patient: 'w-p1' }])
  expect((await erase()).status).toBe(202)

  await server.table('ward.visits').deleteOne({ id: 'locked' })
  await server.settle()
  const last = await erase()
  expect([last.status, last.json]).toMatchObject([
    200,
    { state: 'done', salt: expect.any(String) as unknown as string },
  ])
  expect(last.json['patient']).toBeUndefined()
  expect((await server.get('Appointment/w-locked')).status).not.toBe(200)
  expect(await server.store.erasures.countDocuments({})).toBe(1)
}, 60_000)
