/** A case from its submission to its report by way of /api, and the same case over FHIR after each step. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { bearer } from '../../support/callers.ts'
import { demoRows } from '../../support/demo-rows.ts'
import type { Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const [LINA, OMAR, GONE] = ['sop-doctor-lina', 'sop-doctor-omar', 'sop-doctor-gone'] as const
const own = ['waits', 'two', 'again', 'no-report', 'draft', 'turned', 'version', 'refused'] as const

const user = { account: 'coordinator-1', representing: [], permissions: ['*.cruds', 'cases:manage'] }

let server: StaffServer
beforeAll(async () => {
  server = await startStaffServer({
    mappings: 'mappings',
    systems: ['sop'],
    tokens: {
      coordinator: { scope: 'user/*.cruds', user },
      reader: { scope: 'user/*.rs', user: { ...user, permissions: ['*.rs', 'cases:manage'] } },
      nurse: { scope: 'user/*.cruds', user: { ...user, permissions: ['*.cruds'] } },
    },
  })
  const rows = demoRows('sop')
  const [, known] = rows['sop.review_cases'] ?? []
  const bare = { ...known, _id: undefined, status: 'review', case_coordinator_id: null }
  const doctor = { doctor_name_ar: null, active: 1 }
  await server.load({
    ...rows,
    'sop.review_cases': own.map((case_id) => ({ ...bare, case_id, ...(case_id === 'draft' && { status: 'draft' }) })),
    'sop.sop_doctors': [
      { ...doctor, user_id: 'doctor-lina', doctor_name_en: 'Dr. Lina Saleh' },
      { ...doctor, user_id: 'doctor-omar', doctor_name_en: 'Dr. Omar Haddad' },
      { ...doctor, user_id: 'doctor-gone', doctor_name_en: 'Dr. Gone', active: 0 },
    ],
  })
}, 60_000)
afterAll(() => server.stop())

function act(id: string, what: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  return server.api('POST', `/cases/sop-${id}/${what}`, body, { ...bearer('coordinator').headers, ...headers })
}

function sentence({ json }: Reply): string {
  return String(json['detail'])
}

test('a case goes from submission to report, and FHIR shows each step at once', async () => {
  const assigned = await act('waits', 'assign', { coordinator: LINA })
  expect([assigned.status, assigned.json]).toMatchObject([
    200,
    { status: 'assigned', coordinator: { id: LINA, name: 'Dr. Lina Saleh' }, milestones: [{ status: 'assigned' }] },
  ])
  const request = await server.read('ServiceRequest/sop-waits')
  expect(request).toMatchObject({ status: 'active', performer: [{ reference: `Practitioner/${LINA}` }] })
  expect(assigned.headers.get('etag')).toBe(`W/"${request.meta.versionId}"`)

  const asked = await act('waits', 'specialists', { doctors: [OMAR] })
  expect(asked.json['tasks']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'review', doctor: expect.objectContaining({ id: OMAR }) }),
    ]),
  )
  await act('waits', 'document-requests', { doctor: OMAR, documents: ['MRI', 'ECG'] })
  const task = await server.read(`Task?focus=ServiceRequest/sop-waits&owner=Practitioner/${OMAR}`)
  expect(JSON.stringify(task)).toMatch(/"valueString":"MRI".*"valueString":"ECG"/)

  const file = { url: 'https://files.example.net/o.pdf', key: 'o.pdf', name: 'o.pdf' }
  const report = { doctor: OMAR, conclusion: 'لا حاجة إلى الجراحة.', file }
  const filed = await act('waits', 'reports', report)
  expect(filed.json).toMatchObject({ status: 'reported', reports: [{ conclusion: 'لا حاجة إلى الجراحة.' }] })
  const found = (await server.get('DiagnosticReport?based-on=ServiceRequest/sop-waits')).json.entry ?? []
  expect(found.map(({ resource }) => resource)).toMatchObject([{ conclusion: 'لا حاجة إلى الجراحة.' }])
  const second = await act('waits', 'reports', report)
  expect([second.status, sentence(second)]).toEqual([409, expect.stringMatching(/stays said/)])
  const late = await act('waits', 'reject', { reason: 'Late' })
  expect([late.status, sentence(late)]).toEqual([409, expect.stringMatching(/A report is filed on this case/)])

  const rows = await server.table('sop.sop_activity').find({ case_id: 'waits' }).sort({ created_date: 1 }).toArray()
  expect(rows.map(({ activity, updated_by }) => [(activity as string).split(' ')[0], updated_by as string])).toEqual(
    ['assign-coordinator', 'assign-doctors', 'request-documents', 'file-report'].map((each) => [each, 'coordinator-1']),
  )
})

test('each step is on record with who took it, in the commit of it', async () => {
  await act('refused', 'assign', { coordinator: LINA })
  await act('refused', 'assign', { coordinator: OMAR })
  const events = await server.store.audit.find({ 'what.n': /ServiceRequest\/sop-refused/, action: 'U' }).toArray()
  expect(events.map(({ status, who }) => [status, who.account])).toEqual([
    [200, 'coordinator-1'],
    [409, 'coordinator-1'],
  ])
})

describe('of two coordinators', () => {
  test('who assign one case at once one wins, and the other is told who has it and what to do', async () => {
    const answers = await Promise.all([LINA, OMAR].map((coordinator) => act('two', 'assign', { coordinator })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const [won, lost] = answers.toSorted((a, b) => a.status - b.status) as [Reply, Reply]
    expect(sentence(lost)).toContain(String(won.json['coordinator']?.['name']))
    expect(sentence(lost)).toContain('"reassign": true')
    expect(lost.headers.get('content-type')).toMatch(/problem\+json/)
  })

  test('one takes a case from the other where that is said', async () => {
    const [holder] = (await server.read('ServiceRequest/sop-two'))['performer'] as { readonly reference: string }[]
    const other = holder?.reference.endsWith(LINA) ? OMAR : LINA
    expect((await act('two', 'assign', { coordinator: other })).status).toBe(409)
    const taken = await act('two', 'assign', { coordinator: other, reassign: true })
    expect([taken.status, taken.json]).toMatchObject([200, { coordinator: { id: other } }])
  })
})

describe('what is sent again under its Idempotency-Key', () => {
  const twice = async (key: string, what: string, body: object): Promise<[Reply, Reply]> => {
    const headers = { 'Idempotency-Key': randomUUID() }
    return [await act(key, what, body, headers), await act(key, what, body, headers)]
  }

  test.each([
    ['assign', { coordinator: LINA }],
    ['specialists', { doctors: [OMAR] }],
    ['document-requests', { doctor: OMAR, documents: ['MRI'] }],
    ['reports', { doctor: OMAR, conclusion: 'Fine.' }],
    ['reject', { reason: 'Twice' }],
  ])('%s is done once and answered as it was', async (what, body) => {
    const case_id = what === 'reject' ? 'no-report' : 'again'
    const before = await server.table('sop.sop_activity').countDocuments({ case_id })
    const [first, second] = await twice(case_id, what, body)
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.json).toEqual(first.json)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await server.table('sop.sop_activity').countDocuments({ case_id })).toBe(before + 1)
  })

  test('is known as done where the gateway was killed after the commit and before the answer', async () => {
    const headers = { 'Idempotency-Key': 'killed' }
    const body = { doctors: [OMAR] }
    const first = await act('version', 'specialists', body, headers)
    const { keptAnswers } = server.store
    const killed = { $unset: { answer: 1 } } as const
    const marked = await keptAnswers.findOneAndUpdate({}, killed, { sort: { claimed: -1 } })
    expect(marked?.written).toEqual(expect.arrayContaining([expect.stringMatching(/^Task\//)]))
    const again = await act('version', 'specialists', body, headers)
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    expect(again.json['tasks']).toEqual(first.json['tasks'])
    expect(await server.table('sop.second_opinions').countDocuments({ case_id: 'version' })).toBe(1)
  })
})

describe('refused is', () => {
  test('what the state of the case does not allow, with what it waits for', async () => {
    const draft = await act('draft', 'assign', { coordinator: LINA })
    expect([draft.status, sentence(draft)]).toEqual([409, expect.stringMatching(/still a draft.*submit/)])
    const rejected = await act('turned', 'reject', { reason: 'Out of scope' })
    expect(rejected.json).toMatchObject({ status: 'rejected', reason: 'Out of scope' })
    expect((await server.read('ServiceRequest/sop-turned'))['status']).toBe('revoked')
    const closed = await act('turned', 'specialists', { doctors: [OMAR] })
    expect([closed.status, sentence(closed)]).toEqual([409, expect.stringMatching(/closed/)])
  })

  test('a version that is there no more', async () => {
    const stale = await act('version', 'assign', { coordinator: LINA }, { 'If-Match': 'W/"99"' })
    expect([stale.status, sentence(stale)]).toEqual([412, expect.stringMatching(/read it again/)])
    const { meta } = await server.read('ServiceRequest/sop-version')
    const now = { 'If-Match': `W/"${meta.versionId}"` }
    expect((await act('version', 'assign', { coordinator: LINA }, now)).status).toBe(200)
  })

  test.each([
    [{ coordinator: GONE }, 'body.coordinator', /not active/],
    [{ coordinator: 'sop-never' }, 'body.coordinator', /nobody/],
    [{}, 'body.coordinator', /missing/],
    [{ coordinator: LINA, more: 1 }, 'body.more', /not known/],
  ])('a body that names nobody: %j', async (body, field, detail) => {
    const { status, json } = await act('version', 'assign', body)
    expect([status, json['errors']]).toEqual([400, [{ field, detail: expect.stringMatching(detail) }]])
  })

  test('what a doctor does who is not assigned', async () => {
    const none = await act('two', 'document-requests', { doctor: GONE, documents: ['x'] })
    expect(none.status).toBe(400)
    const other = await act('version', 'document-requests', { doctor: LINA.replace('lina', 'omar'), documents: ['x'] })
    expect(other.status).toBe(200)
    const idle = await act('refused', 'reports', { doctor: OMAR, conclusion: 'x' })
    expect([idle.status, sentence(idle)]).toEqual([409, expect.stringMatching(/not assigned/)])
  })

  test('who may not: by role, by what they may write, and of a case that is not there', async () => {
    const by = (token: string): Promise<Reply> =>
      server.api('POST', '/cases/sop-version/reject', { reason: 'x' }, bearer(token).headers)
    expect([await by('nurse'), await by('reader')].map(({ status }) => status)).toEqual([403, 403])
    expect((await act('never', 'reject', { reason: 'x' })).status).toBe(404)
    expect((await server.api('GET', '/cases/sop-version')).json).toMatchObject({
      status: 'assigned',
    })
  })
})
