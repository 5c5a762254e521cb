/** What keeps the gateway right: rows that cannot be mapped, where values come from, who saw them, and jobs. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Document } from 'mongodb'
import { everythingOf } from '../../../src/access/permit.ts'
import { sealOpen } from '../../../src/audit/sealer.ts'
import type { JobDocument } from '../../../src/store/job-documents.ts'
import { bearer } from '../../support/callers.ts'
import { demoRows } from '../../support/demo-rows.ts'
import type { Json, Reply, StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const AMY = 'hms-8d8f3dcd-b2d7-4831-ad08-37dbc8b65ff7'
const admin = {
  account: 'admin-1',
  representing: [],
  permissions: ['*.cruds', 'mappings:manage', 'jobs:manage'],
}

let server: StaffServer
beforeAll(async () => {
  server = await startStaffServer({
    mappings: 'mappings',
    systems: ['hms', 'qivr'],
    tokens: {
      admin: { scope: 'user/*.cruds', user: admin },
      own: { scope: 'patient/*.rs', patient: AMY },
      nurse: { scope: 'user/*.cruds', user: { ...admin, permissions: ['*.cruds'] } },
    },
  })
  await server.load(demoRows('hms'))
}, 60_000)
afterAll(() => server.stop())

function ask(method: string, path: string, body?: object, token = 'admin'): Promise<Reply> {
  return server.api(method, path, body, bearer(token).headers)
}

function items({ json }: Reply): readonly Json[] {
  return json['items'] as unknown as Json[]
}

describe('rows that cannot be mapped', () => {
  const born = async (of: (row: Document) => unknown): Promise<void> => {
    const users = server.table('hms.users')
    for (const row of demoRows('hms')['hms.users'] ?? []) {
      await users.updateOne({ id: row['id'] as string }, { $set: { dateOfBirth: of(row) } })
    }
    await server.settle()
  }

  test('are listed with key, rule and reason, page by page, and tried again when somebody asks', async () => {
    await born(() => 'soon')
    const all = await ask('GET', '/mapping-problems?system=hms&limit=100')
    const found = items(all)
    expect(found.length).toBeGreaterThan(1)
    expect(found[0]).toMatchObject({
      ...{ system: 'hms', key: expect.any(String), mapping: expect.stringMatching(/^hms\//) },
      reason: expect.not.stringContaining('soon'),
    })
    const first = await ask('GET', '/mapping-problems?limit=1')
    const next = await ask('GET', `/mapping-problems?limit=100&cursor=${String(first.json['cursor'])}`)
    expect([...items(first), ...items(next)]).toEqual(found)
    expect(items(await ask('GET', '/mapping-problems?mapping=hms/lab-order'))).toEqual([])

    const unreadable = await ask('GET', `/lineage/Patient/${AMY}`)
    expect([unreadable.status, unreadable.json['detail']]).toEqual([409, expect.stringMatching(/cannot be read/)])
    const again = await ask('POST', '/mapping-problems/retry', { system: 'hms' })
    expect([again.status, again.json]).toEqual([202, { rows: found.length }])
    await server.settle()
    expect(items(await ask('GET', '/mapping-problems?limit=100'))).toHaveLength(found.length)
    await born(({ dateOfBirth }) => dateOfBirth as unknown)
    expect(items(await ask('GET', '/mapping-problems'))).toEqual([])
  }, 60_000)

  test('are for who manages mappings, and of their own tenant', async () => {
    expect((await ask('GET', '/mapping-problems', undefined, 'nurse')).status).toBe(403)
    const other = await ask('POST', '/mapping-problems/retry', { system: 'qivr' })
    expect([other.status, other.json['detail']]).toEqual([422, expect.stringMatching(/no system qivr here/)])
  })
})

test('of each element it is told where it comes from, to who may see the record', async () => {
  const { status, json } = await ask('GET', `/lineage/Patient/${AMY}`)
  expect([status, json['mapping']?.['name']]).toEqual([200, 'hms/patient'])
  const elements = json['elements'] as unknown as Json[]
  expect(elements.find(({ path }) => String(path) === 'Patient.name[0].family')).toMatchObject({
    origin: 'column',
    columns: [{ system: 'hms', collection: 'users', field: 'lastName', keys: [expect.any(String)] }],
    rule: { file: 'hms/patient.yaml', line: expect.any(Number), codec: 'text' },
    written: { version: expect.any(Number), at: expect.any(String) },
  })
  expect(elements.find(({ path }) => String(path) === 'Patient.gender')).toMatchObject({ codes: [{ table: 'gender' }] })
  const hidden = await ask('GET', '/lineage/Patient/hms-nobody', undefined, 'own')
  expect(hidden.status).toBe(404)
})

describe('the audit', () => {
  test('is searched by person, patient, record, outcome and time, and says what is linked', async () => {
    await ask('GET', `/people/${AMY}`, undefined, 'nurse')
    await ask('GET', `/people/${AMY}`, undefined, 'own')
    await sealOpen(server.store)
    const day = new Date().toISOString().slice(0, 10)
    const found = items(await ask('GET', `/audit?patient=${AMY}&agent=own&from=${day}&to=${day}`))
    expect(found[0]).toMatchObject({
      ...{ outcome: 'done', who: { client: 'own' }, patients: [AMY], chain: 'sealed' },
      records: expect.arrayContaining([expect.stringMatching(`^Patient/${AMY}/_history/`)]),
    })
    const mine = items(await ask('GET', '/audit?agent=admin-1&outcome=refused'))
    expect(
      mine.every(({ who, outcome }) => String(who?.['account']) === 'admin-1' && String(outcome) === 'refused'),
    ).toBe(true)
    expect(items(await ask('GET', '/audit?from=2020-01-01&to=2020-12-31'))).toEqual([])
    // The searches before it were put on record after the links were made
    expect(items(await ask('GET', '/audit?limit=1'))[0]).toMatchObject({ what: '$recorded', chain: 'open' })
  })

  test('comes page by page', async () => {
    const first = await ask('GET', '/audit?agent=admin-1&limit=1')
    const next = await ask('GET', `/audit?agent=admin-1&limit=1&cursor=${String(first.json['cursor'])}`)
    expect(items(next)[0]?.['id']).not.toBe(items(first)[0]?.['id'])
  })

  test('is for who may search all of it', async () => {
    expect((await ask('GET', '/audit', undefined, 'own')).status).toBe(403)
    expect((await ask('GET', '/audit/chain', undefined, 'own')).status).toBe(403)
    const wrong = await ask('GET', '/audit?from=2026-02-02&to=2026-01-01')
    expect([wrong.status, wrong.json['errors']?.[0]]).toMatchObject([400, { field: 'query.to' }])
  })

  test('is whole, and an event that was changed is named', async () => {
    await sealOpen(server.store)
    const whole = await ask('GET', '/audit/chain')
    expect([whole.status, whole.json]).toMatchObject([
      200,
      { whole: true, findings: [], end: { hash: expect.any(String) } },
    ])
    const event = await server.store.audit.findOneAndUpdate({ status: 200 }, { $set: { status: 201 } })
    const { json } = await ask('GET', '/audit/chain')
    expect(json).toMatchObject({ whole: false, findings: [{ kind: 'changed', event: event?._id.split('/')[1] }] })
    await server.store.audit.updateOne({ _id: event?._id ?? '' }, { $set: { status: 200 } })
  })
})

describe('jobs', () => {
  const job = async (more: Partial<JobDocument> = {}): Promise<string> => {
    const common = {
      ...{ _id: randomUUID(), t: 'default', by: 'client ward', permit: everythingOf('default'), base: '', request: '' },
      ...{ created: new Date(), owner: '', until: new Date(), fence: 0, tries: 0, kind: 'export', state: 'open' },
      wish: { types: ['Patient', 'Observation'], searches: {}, elements: {} },
      steps: { Patient: { after: '', done: true, count: 7 } },
      files: [],
      ...more,
    } as unknown as JobDocument
    await server.store.jobs.insertOne(common)
    return common._id
  }

  test('of everybody are listed with how far they are, newest first', async () => {
    const old = await job({ created: new Date('2026-01-01') })
    const elsewhere = await job({ t: 'other' })
    const id = await job()
    const all = items(await ask('GET', '/jobs?kind=export&state=running'))
    expect(all).toMatchObject([
      { id, by: 'client ward', state: 'running', progress: { types: 2, typesDone: 1, resources: 7 } },
      { id: old },
    ])
    const first = await ask('GET', '/jobs?limit=1')
    expect(
      items(await ask('GET', `/jobs?cursor=${String(first.json['cursor'])}`)).map((each) => String(each['id'])),
    ).toContain(old)
    expect((await ask('GET', `/jobs/${elsewhere}`)).status).toBe(404)
  })

  test('are cancelled once, on record, by who manages them', async () => {
    const id = await job()
    expect((await ask('POST', `/jobs/${id}/cancel`, undefined, 'nurse')).status).toBe(403)
    const done = await ask('POST', `/jobs/${id}/cancel`)
    expect([done.status, done.json['state']]).toEqual([200, 'cancelled'])
    const again = await ask('POST', `/jobs/${id}/cancel`)
    expect([again.status, again.json['detail']]).toEqual([409, expect.stringMatching(/over/)])
    expect(await server.store.audit.findOne({ kind: 'job' })).toMatchObject({ query: `cancelled: export ${id}` })
  })
})
