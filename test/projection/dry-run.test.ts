import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { dryRun } from '../../src/projection/dry-run.ts'
import type { CollectionPlan } from '../../src/projection/plan.ts'
import type { Clinic } from './clinic.ts'
import { openClinic, testPlan } from './clinic.ts'

let clinic: Clinic

beforeEach(async () => {
  clinic = await openClinic()
})

afterEach(async () => {
  await clinic.close()
})

test('says what would be created, changed and deleted, and writes nothing', async () => {
  await clinic.table('people').insertMany([
    { id: 1, name: 'Ann' },
    { id: 2, name: 'Bob' },
    { id: 3, name: 'Cy' },
  ])
  await clinic.work()
  await clinic.settle()
  await clinic.rest()
  await clinic.table('people').updateOne({ id: 1 }, { $set: { name: 'Anna' } })
  await clinic.table('people').updateOne({ id: 2 }, { $set: { gone: true } })
  await clinic.table('people').insertMany([{ id: 4 }, { id: 5, born: 'x' }])
  const before = await clinic.store.versions.countDocuments()
  const plan = testPlan(clinic.databases)
  const people = plan.collections.get(`${clinic.databases.clinic}/people`) as CollectionPlan
  const { counts, changes } = await dryRun(clinic.store, plan, people, 10)
  // Row 3 and the mark of the test are unchanged
  expect(counts).toEqual({ rows: 6, create: 1, update: 1, delete: 1, unchanged: 2, problems: 1 })
  expect(changes).toEqual([
    { resource: 'default/Patient/c-1', differences: [{ path: 'name[0].text', before: '"Ann"', after: '"Anna"' }] },
  ])
  expect(await clinic.store.versions.countDocuments()).toBe(before)
})
