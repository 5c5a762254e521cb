/** `isthmus problems`, as an operator runs it, over the systems of the projection's tests. */
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { registry } from '../../src/kernel/metrics.ts'
import { parkRow } from '../../src/store/problems.ts'
import type { Clinic } from '../projection/clinic.ts'
import { openClinic, writeMappings } from '../projection/clinic.ts'
import type { Variables } from './gateway.ts'
import { isthmus, ownVariables } from './gateway.ts'

let clinic: Clinic
let variables: Variables

beforeEach(async () => {
  clinic = await openClinic()
  variables = {
    ...ownVariables(),
    ISTHMUS_MAPPINGS: writeMappings(),
    ISTHMUS_DATABASE: clinic.databases.gateway,
    CLINIC_DATABASE: clinic.databases.clinic,
    CHAIN_DATABASE: clinic.databases.chain,
  }
})

afterEach(async () => {
  await clinic.close()
  rmSync(variables['ISTHMUS_MAPPINGS'] ?? '', { recursive: true })
})

/** Five people of whom the second has no date that can be read, and a row of a tenant that is not there. */
async function project(): Promise<void> {
  await clinic.table('people').insertMany([1, 2, 3, 4, 5].map((id) => ({ id, born: id === 2 ? 'soon' : '1990-01-01' })))
  await clinic.chain('people').insertOne({ id: 'x', tenant_id: 'nobody' })
  await clinic.work()
  await clinic.settle()
}

/** As the projection does with a row whose resource cannot be stored. */
async function setAside(...ids: readonly number[]): Promise<void> {
  for (const id of ids) {
    const row = await clinic.table('people').findOne({ id })
    const ref = { instance: clinic.databases.clinic, collection: 'people', _id: row?._id }
    await clinic.client.withSession((session) => parkRow(clinic.store, ref, 'it was too large', session))
  }
}

async function problems(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await isthmus(['problems', ...args], variables)
  expect([code, err]).toEqual([0, ''])
  return out
}

test('lists each with key, rule and reason, all of them or those that are asked for', async () => {
  await project()
  const all = await problems()
  expect(all).toContain(`${clinic.databases.clinic}.people 2: clinic/patient `)
  expect(all).toMatch(/\n2 problems\.\n$/)
  expect(all).not.toContain('soon')
  expect(await problems('--mapping', 'clinic/patient')).toMatch(/^[^\n]+\n1 problem\.\n$/)
  expect(await problems('--system', 'clinic', '--collection', 'visits')).toBe('No problems.\n')
  expect(JSON.parse(await problems('--system', 'chain', '--json'))).toMatchObject([
    { instance: clinic.databases.chain, collection: 'people', key: 'x', since: expect.any(String) },
  ])
  expect(await problems('list', '--system', 'clinic', '--mapping', 'clinic/visit', '--json')).toBe('[]\n')
  const refused = await isthmus(['problems', '--system', 'clinc'], variables)
  expect([refused.code, refused.err]).toEqual([1, 'There is no system clinc; there are chain, clinic.\n'])
}, 60_000)

test('lists more than a page of them', async () => {
  const { instance, ...rest } = { instance: clinic.databases.clinic, collection: 'people', mapping: 'clinic/patient' }
  const documents = Array.from({ length: 2_500 }, (_, index) => ({
    ...{ _id: `${instance}/people/${index}`, instance, key: String(index) },
    ...{ ...rest, rule: 'birthDate', reason: 'no date', since: new Date() },
  }))
  await clinic.store.problems.insertMany(documents)
  expect(await problems()).toMatch(/\n2500 problems\.\n$/)
  expect(JSON.parse(await problems('--json'))).toHaveLength(2_500)
}, 60_000)

test('a retry asks the worker that runs, and says what is solved', async () => {
  await project()
  await setAside(1, 3)
  expect(await problems('retry', '--system', 'clinic')).toBe('3 tried again: 2 solved, 1 left.\n')
  expect(await problems('--system', 'clinic')).toMatch(/ 2: clinic\/patient [^\n]+\n1 problem\.\n$/)
  await setAside(4)
  expect(JSON.parse(await problems('retry', '--collection', 'people', '--mapping', '', '--json'))).toEqual({
    tried: 1,
    solved: 1,
    left: 0,
  })
  const events = await clinic.store.audit.find({ kind: 'problems' }).toArray()
  expect(events.map(({ t, action, query }) => [t, action, query])).toEqual([
    ['default', 'E', 'retry clinic'],
    ['default', 'E', 'retry people'],
  ])
}, 60_000)

test('without a worker the command projects the rows itself', async () => {
  await project()
  await clinic.rest()
  await setAside(1, 3, 5)
  expect(await problems('retry')).toBe('5 tried again: 3 solved, 2 left.\n')
  expect(await clinic.store.pending.countDocuments()).toBe(0)
}, 60_000)

test('metrics count them by system and mapping, as long as this process projects', async () => {
  await project()
  await clinic.table('people').insertOne({ id: 6, born: 'later' })
  const shown = async (): Promise<string> => {
    const text = (await registry.getSingleMetric('isthmus_problems')?.get())?.values ?? []
    return text
      .map(({ labels, value }) => `${String(labels['mapping'])} ${value}`)
      .sort()
      .join(', ')
  }
  for (let tries = 0; !(await shown()).includes('clinic/patient 2'); tries++) {
    expect(tries).toBeLessThan(100)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(await shown()).toContain('clinic/visit 0')
  await clinic.rest()
  expect(await shown()).toBe('')
}, 60_000)
