/** The gateway's own definitions, as resources of every tenant. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { everythingOf } from '../../src/access/permit.ts'
import { definitionSet } from '../../src/projection/definitions.ts'
import { commitWrites } from '../../src/projection/write-back.ts'
import type { Clinic } from './clinic.ts'
import { bodyOf, openClinic, testPlan } from './clinic.ts'

const valueSet = (id: string, title: string): Resource => ({
  resourceType: 'ValueSet',
  id,
  url: `https://interop.example.org/ValueSet/${id}`,
  status: 'active',
  title,
})

let clinic: Clinic

beforeEach(async () => {
  clinic = await openClinic()
})

afterEach(async () => {
  await clinic.close()
})

async function publish(...resources: Resource[]): Promise<void> {
  await clinic.work(testPlan(clinic.databases), definitionSet(resources))
  await clinic.settle()
}

test('are there from the start, can be found, and have a first version', async () => {
  await publish(valueSet('a', 'A'))
  const found = await clinic.until('default/ValueSet/a', (each) => each !== null)
  expect(bodyOf(found)).toMatchObject({ title: 'A', meta: { versionId: '1' } })
  expect(found?.k.some((key) => key.includes('interop.example.org/valueset/a') || key.includes('ValueSet/a'))).toBe(
    true,
  )
})

test('a second start makes no version', async () => {
  await publish(valueSet('a', 'A'))
  await clinic.until('default/ValueSet/a', (each) => each !== null)
  await publish(valueSet('a', 'A'))
  expect(await clinic.store.versions.countDocuments({ tt: 'default/ValueSet' })).toBe(1)
})

test('what changed has a new version, and what is no longer there is gone', async () => {
  await publish(valueSet('a', 'A'), valueSet('b', 'B'))
  await clinic.until('default/ValueSet/b', (each) => each !== null)
  await publish(valueSet('a', 'Another A'))
  const changed = await clinic.until('default/ValueSet/a', (each) => each?.v === 2)
  expect(bodyOf(changed)).toMatchObject({ title: 'Another A' })
  expect(await clinic.until('default/ValueSet/b', (each) => each?.deleted === true)).toMatchObject({ v: 2 })
})

test('a tenant that comes later has them too', async () => {
  await publish(valueSet('a', 'A'))
  await clinic.chain('tenants').insertOne({ id: 't1', slug: 'north', name: 'North' })
  expect(bodyOf(await clinic.until('north/ValueSet/a', (each) => each !== null))).toMatchObject({ title: 'A' })
})

test('FHIR clients cannot write or delete them', async () => {
  await publish(valueSet('a', 'A'))
  await clinic.until('default/ValueSet/a', (each) => each !== null)
  const writeBack = { store: clinic.store, plan: testPlan(clinic.databases), routing: {} }
  const place = { type: 'ValueSet', id: 'a' }
  const edit = () => valueSet('a', 'Mine')
  const permit = everythingOf('default')
  for (const operation of [{ method: 'PUT', ...place, edit } as const, { method: 'DELETE', ...place } as const]) {
    await expect(commitWrites(writeBack, permit, 'somebody', [operation])).rejects.toMatchObject({
      code: 'GW_NOT_ALLOWED',
    })
  }
})

test('a resource of somebody else under the same id stays as it is', async () => {
  await clinic.work()
  await clinic.chain('tenants').insertOne({ id: 't1', slug: 'north', name: 'North' })
  await clinic.until('north/Organization/t-t1', (each) => each !== null)
  await publish({ resourceType: 'Organization', id: 't-t1', name: 'Not this one' })
  await clinic.until('default/Organization/t-t1', (each) => each !== null)
  expect(bodyOf(await clinic.store.resources.findOne({ _id: 'north/Organization/t-t1' }))).toMatchObject({
    name: 'North',
  })
})
