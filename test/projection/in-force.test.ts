import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { everythingOf } from '../../src/access/permit.ts'
import { OtherMappingsError, byThoseInForce } from '../../src/projection/in-force.ts'
import { commitWrites } from '../../src/projection/write-back.ts'
import type { Operation } from '../../src/projection/operation.ts'
import { activateMappings } from '../../src/store/mapping-sets.ts'
import type { Clinic } from './clinic.ts'
import { openClinic, testPlan } from './clinic.ts'

let clinic: Clinic

beforeEach(async () => {
  clinic = await openClinic()
})

afterEach(async () => {
  await clinic.close()
})

test('what would be written through mappings that others have replaced is not written', async () => {
  const { store, databases } = clinic
  const write = async (mappings: string): Promise<string | undefined> => {
    const operation: Operation = { method: 'POST', type: 'Basic', resource: { resourceType: 'Basic', code: {} } }
    const writeBack = { store, plan: testPlan(databases), routing: {}, mappings }
    return (await commitWrites(writeBack, everythingOf('default'), 'somebody', [operation]))[0]?.outcome
  }
  await activateMappings(store, 'a', 'a')
  expect(await write('a')).toBe('created')
  await activateMappings(store, 'b', 'b')
  await expect(write('a')).rejects.toThrow(OtherMappingsError)
  expect(await write('b')).toBe('created')
  expect(await store.resources.countDocuments({ tt: 'default/Basic' })).toBe(2)
})

test('work is done again by those that have come into force, as soon as they are in use here', async () => {
  let inUse = 'a'
  const done: string[] = []
  const work = (used: string): Promise<string> => {
    done.push(used)
    return used === 'a' ? Promise.reject(new OtherMappingsError()) : Promise.resolve(used)
  }
  setTimeout(() => (inUse = 'b'), 100)
  expect(await byThoseInForce(() => inUse, work)).toBe('b')
  expect(done).toEqual(['a', 'b'])
  const other = new Error('something else')
  await expect(
    byThoseInForce(
      () => 'a',
      () => Promise.reject(other),
    ),
  ).rejects.toBe(other)
})
