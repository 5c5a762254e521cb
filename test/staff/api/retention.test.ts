/** Records whose time is over by the rule of their source: said first, then erased, each with a proof; a hold stands before it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { retentionTask } from '../../../src/workers/retention.ts'
import { bearer } from '../../support/callers.ts'
import type { Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const user = { account: 'boss', representing: [], permissions: ['records:erase', 'records:hold', '*.cruds'] }
const tokens = {
  admin: { scope: 'user/*.cruds', user },
  clerk: { scope: 'user/*.cruds', user: { ...user, permissions: ['*.cruds'] } },
}
const DAY = 86_400_000

/** A day so many years ago, and a day before it or after it. */
function ago(years: number, days = 0): string {
  const day = new Date(Date.now() + days * DAY)
  day.setUTCFullYear(day.getUTCFullYear() - years)
  return day.toISOString().slice(0, 10)
}

interface Person {
  readonly id: string
  readonly visit?: string
  readonly deleted?: string
  readonly begun?: string
}

const people: Person[] = [
  { id: 'over', visit: ago(7, -1) },
  { id: 'nearly', visit: ago(7, 2) },
  { id: 'never-came', begun: ago(8) },
  { id: 'new', begun: ago(1) },
  { id: 'deleted', deleted: ago(7, -1), visit: ago(9) },
  { id: 'deleted-lately', deleted: ago(2), visit: ago(9) },
  { id: 'held', visit: ago(10) },
]
/** Was never seen as anything else: nothing is kept of them. */
const longGone = { id: 'long-gone', deletedAt: `${ago(9)} 09:00:00`, ...{ createdAt: `${ago(12)} 07:00:00` } }

let server: StaffServer
beforeAll(async () => {
  server = await startStaffServer({ systems: ['hms'], mappings: 'mappings', tokens })
  const times = (begun = ago(12)) => ({ createdAt: `${begun} 07:00:00`, updatedAt: `${begun} 07:00:00` })
  await server.load({
    'hms.users': people.map(({ id, begun }) => ({ id: `u-${id}`, firstName: id, lastName: 'Ray', ...times(begun) })),
    'hms.patients': [
      longGone,
      ...people.map(({ id, begun }) => ({
        ...{ id, userId: `u-${id}`, patientId: `PAT-${id}`, deletedAt: null },
        ...times(begun),
      })),
    ],
    'hms.appointments': people.flatMap(({ id, visit }) =>
      [visit, visit && ago(11)].flatMap((day, index) => (day ? [appointment(`${id}-${index}`, id, day)] : [])),
    ),
    // Whoever has come since is kept by that
    'hms.medical_records': [
      { id: 'r1', patientId: 'nearly', recordType: 'consultation', title: 'x', description: 'y', visitDate: ago(1) },
    ],
  })
  for (const { id, deleted } of people) {
    const deletedAt = `${deleted} 09:00:00`
    if (deleted) await server.table('hms.patients').updateOne({ id }, { $set: { deletedAt } })
  }
  await server.settle()
}, 120_000)
afterAll(() => server.stop())

function appointment(id: string, patientId: string, day: string): object {
  const when = { appointmentDate: `${day} 00:00:00`, appointmentTime: '11:00', duration: 30, status: 'completed' }
  return { id, patientId, doctorId: null, ...when, createdAt: `${day} 07:00:00`, updatedAt: `${day} 07:00:00` }
}

const as = (token: string, method: string, path: string, body?: object): Promise<Reply> =>
  server.api(method, path, body, bearer(token).headers)
const names = ({ json }: Reply): string[] =>
  (json as unknown as { items: { patient: string }[] }).items.map(({ patient }) => patient)

test('a dry run says whose time is over, page by page, and does nothing; it takes the right to erase', async () => {
  expect((await as('clerk', 'GET', '/retention')).status).toBe(403)
  expect((await as('clerk', 'POST', '/retention')).status).toBe(403)
  const hold = await as('admin', 'POST', '/holds', { patient: 'hms-held', reason: 'A case at court' })
  const all = await as('admin', 'GET', '/retention')
  expect(names(all)).toEqual(['hms-deleted', 'hms-held', 'hms-never-came', 'hms-over'])
  expect(all.json['rules']).toEqual([{ system: 'hms', years: 7, automatic: false }])
  const [, held, , over] = all.json['items'] as unknown as { system: string; since: string; hold?: string }[]
  expect(held).toMatchObject({ system: 'hms', hold: hold.json['id'] })
  expect(over?.since.slice(0, 10)).toBe(ago(7, -1))
  const first = await as('admin', 'GET', '/retention?limit=3')
  const second = await as('admin', 'GET', `/retention?limit=3&cursor=${first.json['cursor']}`)
  expect([...names(first), ...names(second)]).toEqual(names(all))
  expect((await server.raw('hms.patients', { id: 'over' }))?.['deletedAt']).toBeNull()
})

test('by itself nothing is erased while no source wants it', async () => {
  await retentionTask(() => server.writeBack, server.logger).run()
  expect(await server.store.erasures.countDocuments({})).toBe(0)
})

test('what is due is erased as a person is, with a proof that names no one; what is held stays', async () => {
  const done = await as('admin', 'POST', '/retention')
  expect([done.status, done.json]).toEqual([200, { erased: 3, open: 0, held: 1, more: false }])
  for (const id of ['over', 'never-came', 'deleted'])
    expect((await server.get(`Patient/hms-${id}`)).status).not.toBe(200)
  for (const id of ['held', 'nearly', 'new']) expect((await server.get(`Patient/hms-${id}`)).status).toBe(200)
  expect((await server.raw('hms.patients', { id: 'over' }))?.['deletedAt']).not.toBeNull()
  expect((await server.get('Appointment/hms-over-0')).status).not.toBe(200)
  const proofs = await server.store.erasures.find().toArray()
  expect(proofs).toHaveLength(3)
  for (const proof of proofs) expect(proof).toMatchObject({ state: 'done', reason: 'retention-over' })
  expect(JSON.stringify(proofs)).not.toMatch(/hms-/)
  expect((await as('admin', 'POST', '/retention')).json).toEqual({ erased: 0, open: 0, held: 1, more: false })
})

test('the job of a source that wants it does the same when the hold is lifted', async () => {
  const [hold] = (await as('admin', 'GET', '/holds')).json['items'] as unknown as { id: string }[]
  await as('admin', 'POST', `/holds/${hold?.id}/lift`)
  for (const { source } of server.writeBack.plan.collections.values()) Object.assign(source, { jobs: ['retention'] })
  expect((await as('admin', 'GET', '/retention')).json['rules']).toMatchObject([{ automatic: true }])
  await retentionTask(() => server.writeBack, server.logger).run()
  expect(names(await as('admin', 'GET', '/retention'))).toEqual([])
  expect((await server.get('Patient/hms-held')).status).not.toBe(200)
  const events = await server.store.audit.find({ kind: 'erasure', 'who.name': 'isthmus retention' }).toArray()
  expect(events).toMatchObject([{ what: [{ p: ['hms-held'] }] }, {}])
  expect(server.log.join('\n')).not.toContain('hms-held')
})
