import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Clinic } from './clinic.ts'
import { bodyOf, openClinic } from './clinic.ts'

let clinic: Clinic

beforeEach(async () => {
  clinic = await openClinic()
  await clinic.work()
})

afterEach(async () => {
  await clinic.close()
})

const slugs = async (): Promise<string[]> =>
  (await clinic.store.tenants.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id)

test('a row shows in its tenant only, whichever of the two came first', async () => {
  await clinic.chain('people').insertOne({ id: 1, tenant_id: 'T1', name: 'Ann' })
  await clinic.settle()
  expect(await clinic.store.problems.find().toArray()).toMatchObject([{ rule: 'tenant', key: '1' }])
  await clinic.chain('tenants').insertOne({ id: 'T1', slug: 'north', name: 'North' })
  const ann = await clinic.until('north/Patient/t-1', (found) => found !== null)
  expect(bodyOf(ann)['meta']).toMatchObject({
    tag: [{ system: 'https://interop.example.org/sid/chain/tenants', code: 'T1' }],
  })
  expect(await clinic.store.resources.countDocuments({ _id: /Patient\/t-1$/ })).toBe(1)
  expect(await clinic.store.problems.countDocuments()).toBe(0)
})

test('a slug that is no address, is "default", or is taken gives way to the key', async () => {
  await clinic.chain('tenants').insertMany([
    { id: 'a1', slug: 'north', name: 'A' },
    { id: 'b2', slug: 'North Side', name: 'B' },
    { id: 'c3', slug: 'default', name: 'C' },
  ])
  await clinic.until('north/Organization/t-a1', (found) => found !== null)
  await clinic.chain('tenants').insertOne({ id: 'd4', slug: 'north', name: 'D' })
  await clinic.until('d4/Organization/t-d4', (found) => found !== null)
  expect(await slugs()).toEqual(['b2', 'c3', 'd4', 'north'])
})

test('a tenant that moves takes its rows along', async () => {
  await clinic.chain('tenants').insertOne({ id: 'T1', slug: 'north', name: 'North' })
  await clinic.chain('people').insertOne({ id: 1, tenant_id: 'T1', name: 'Ann' })
  await clinic.until('north/Patient/t-1', (found) => found !== null)
  await clinic.chain('tenants').updateOne({ id: 'T1' }, { $set: { slug: 'south' } })
  await clinic.until('south/Patient/t-1', (found) => found !== null)
  await clinic.until('north/Patient/t-1', (found) => found?.deleted === true)
  expect(await slugs()).toEqual(['south'])
  await clinic.chain('tenants').deleteOne({ id: 'T1' })
  await clinic.until('south/Patient/t-1', (found) => found?.deleted === true)
  expect(await slugs()).toEqual([])
})

test('a joined row of another tenant counts as not there', async () => {
  await clinic.chain('tenants').insertMany([
    { id: 'T1', slug: 'north', name: 'N' },
    { id: 'T2', slug: 'south', name: 'S' },
  ])
  await clinic.chain('rooms').insertMany([
    { id: 1, tenant_id: 'T1', label: 'One' },
    { id: 2, tenant_id: 'T2', label: 'Two' },
  ])
  await clinic.chain('people').insertMany([
    { id: 1, tenant_id: 'T1', room: 1 },
    { id: 2, tenant_id: 'T1', room: 2 },
  ])
  const own = await clinic.until('north/Patient/t-1', (found) => found !== null)
  const other = await clinic.until('north/Patient/t-2', (found) => found !== null)
  expect(bodyOf(own)['address']).toEqual([{ text: 'One' }])
  expect(bodyOf(other)['address']).toBeUndefined()
})
