/** Rows changed as rows: held to their mapping and to the Permit, and seen over FHIR at once. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Permit } from '../../src/access/permit.ts'
import { everythingOf, permitOf } from '../../src/access/permit.ts'
import type { RowChange, Written } from '../../src/projection/operation.ts'
import { commitWrites } from '../../src/projection/write-back.ts'
import type { SourceServer } from '../support/source-server.ts'
import { startSourceServer } from '../support/source-server.ts'

const [TYPE, OLD_TYPE, CATEGORY] = [randomUUID(), randomUUID(), randomUUID()]
const everything = everythingOf('default')

let sop: SourceServer
beforeAll(async () => {
  sop = await startSourceServer({ mappings: 'mappings', systems: ['sop'] })
  await sop.load({
    'sop.review_types': [
      { review_type_id: TYPE, review_type: 'Standard', active: 1 },
      { review_type_id: OLD_TYPE, review_type: 'Old', active: 0 },
    ],
    'sop.disease_categories': [{ dc_id: CATEGORY, specialty_en: 'Cardiology', active: 1 }],
  })
})
afterAll(() => sop.stop())

const change = (changes: readonly RowChange[], permit: Permit = everything): Promise<Written[]> =>
  commitWrites(sop.writeBack, permit, 'somebody', [{ method: 'ROWS', changes }])

const caseRow = (more: object = {}) => ({
  user_id: 'u1',
  rt_id: TYPE,
  dc_id: CATEGORY,
  patient_age: 0,
  patient_gender: 'female',
  status: 'draft',
  ...more,
})

async function newCase(more: object = {}, permit: Permit = everything): Promise<string> {
  const key = randomUUID()
  await change([{ mapping: 'sop/case', key: [key], edit: () => caseRow(more) }], permit)
  return key
}

function ownerOf(user: string): Permit {
  const permissions = ['*.rs', 'ServiceRequest.cu', 'DocumentReference.cu']
  const person = { account: user, person: `Patient/sop-${user}`, representing: [], permissions }
  const scope = 'patient/*.rs patient/ServiceRequest.cu patient/DocumentReference.cu'
  return permitOf({ tenant: 'default', client: 'app', scope, patient: `sop-${user}`, user: person })
}

test('a new row starts as its mapping says, and is a resource at once', async () => {
  const key = await newCase()
  const row = await sop.table('sop.review_cases').findOne({ case_id: key })
  expect(row).toMatchObject({ ...caseRow(), is_notified: 0, medical_documents: '[]' })
  expect(row?.['created_date']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  expect(await sop.read(`ServiceRequest/sop-${key}`)).toMatchObject({ status: 'draft', meta: { versionId: '1' } })
})

test('several rows are one commit: every resource has one version of it, by whom it was written', async () => {
  const key = await newCase()
  const written = await change([
    { mapping: 'sop/case', key: [key], edit: (row) => ({ ...row, status: 'review' }) },
    {
      mapping: 'sop/case-milestone',
      key: [key, 'review'],
      follows: true,
      edit: () => ({ created_date: '2026-01-01' }),
    },
  ])
  expect(written.map(({ _id, outcome }) => [_id.split('/')[1], outcome])).toEqual([
    ['ServiceRequest', 'updated'],
    ['Provenance', 'created'],
  ])
  const { meta, relevantHistory } = await sop.read(`ServiceRequest/sop-${key}`)
  expect([meta.versionId, relevantHistory]).toEqual(['2', [{ reference: expect.stringMatching(/^Provenance\/sop-/) }]])
  const version = await sop.store.versions.findOne({ _id: `default/ServiceRequest/sop-${key}/0000000002` })
  expect(version?.by).toBe('somebody')
})

test('what the mapping requires is required, by the name of the column', async () => {
  await expect(newCase({ rt_id: OLD_TYPE })).rejects.toMatchObject({ code: 'GW_NOT_STORABLE', expression: 'rt_id' })
  await expect(newCase({ dc_id: 'nothing' })).rejects.toMatchObject({ code: 'GW_NOT_STORABLE', expression: 'dc_id' })
})

test('a status changes along its transitions only, and nothing of what was asked is written', async () => {
  const key = await newCase()
  const rejecting = change([
    { mapping: 'sop/case', key: [key], edit: (row) => ({ ...row, status: 'rejected', reject_reason: 'no' }) },
  ])
  await expect(rejecting).rejects.toMatchObject({ code: 'GW_CONFLICT', message: expect.stringContaining('review') })
  expect(await sop.table('sop.review_cases').findOne({ case_id: key })).toMatchObject({ status: 'draft' })
})

test('who owns it edits it while it may be edited; who does not own it learns that there is none', async () => {
  const key = await newCase({}, ownerOf('u1'))
  const edit = (changed: object, permit: Permit): Promise<Written[]> =>
    change([{ mapping: 'sop/case', key: [key], isOwners: true, edit: (row) => ({ ...row, ...changed }) }], permit)
  await expect(edit({ medical_history: 'mine' }, ownerOf('u2'))).rejects.toMatchObject({ code: 'GW_NOT_FOUND' })
  await edit({ medical_history: 'ok', status: 'review' }, ownerOf('u1'))
  await expect(edit({ medical_history: 'late' }, ownerOf('u1'))).rejects.toMatchObject({ code: 'GW_CONFLICT' })
  await expect(edit({ medical_history: 'late' }, ownerOf('u2'))).rejects.toMatchObject({ code: 'GW_NOT_FOUND' })
})

test('nobody makes a record of somebody else, or gives away their own', async () => {
  await expect(newCase({ user_id: 'u2' }, ownerOf('u1'))).rejects.toMatchObject({ code: 'GW_FORBIDDEN' })
  const key = await newCase({}, ownerOf('u1'))
  const edit = () => caseRow({ user_id: 'u2' })
  await expect(change([{ mapping: 'sop/case', key: [key], edit }], ownerOf('u1'))).rejects.toMatchObject({
    code: 'GW_FORBIDDEN',
  })
})

test('of two that make one row at once, the second finds what the first made', async () => {
  const key = await newCase()
  const seen: unknown[] = []
  const make = (by: string): Promise<Written[]> =>
    change([
      {
        mapping: 'sop/case-milestone',
        key: [key, 'seen'],
        edit(row) {
          seen.push(row?.['by'])
          return row ?? { by }
        },
      },
    ])
  await Promise.all([make('one'), make('two'), make('three')])
  expect(await sop.table('sop.case_status_history').countDocuments({ case_id: key })).toBe(1)
  expect(seen.filter((by) => by !== undefined)).toHaveLength(2)
})

test('a row that its own program changed a moment ago is read as it is now', async () => {
  const key = await newCase()
  await sop.table('sop.review_cases').updateOne({ case_id: key }, { $set: { medical_history: 'theirs' } })
  await change([{ mapping: 'sop/case', key: [key], edit: (row) => ({ ...row, patient_age: 7 }) }])
  expect(await sop.table('sop.review_cases').findOne({ case_id: key })).toMatchObject({
    patient_age: 7,
    medical_history: 'theirs',
  })
})
