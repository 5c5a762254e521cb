import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Clinic } from './clinic.ts'
import { programOf } from '../support/worker-program.ts'
import { openClinic } from './clinic.ts'

const KILLS = 6
const PEOPLE = 400

let clinic: Clinic
const worker = programOf(new URL('worker-process.ts', import.meta.url), () => [JSON.stringify(clinic.databases)])

beforeEach(async () => {
  clinic = await openClinic()
})

afterEach(async () => {
  await worker.kill()
  await clinic.close()
})

interface Version {
  readonly resource: string
  readonly v: number
  readonly content: string
}

async function versions(): Promise<Version[]> {
  const found = await clinic.store.versions.find().sort({ _id: 1 }).toArray()
  return found.map(({ _id, v, body }) => ({
    resource: _id.slice(0, _id.lastIndexOf('/')),
    v,
    content: body.replace(/"versionId":"\d+","lastUpdated":"[^"]+"/, ''),
  }))
}

test('killed at any moment, in backfill and in the stream, it does everything exactly once', async () => {
  const people = Array.from({ length: PEOPLE }, (_, id) => ({ id, name: `n${id}`, account: id % 50 }))
  const accounts = Array.from({ length: 50 }, (_, id) => ({ id, phone: `p${id}` }))
  await clinic.table('visits').insertMany(people.map(({ id }) => ({ id, person: id, payer: `payer${id % 20}` })))
  await clinic.table('people').insertMany(people)
  await clinic.table('accounts').insertMany(accounts)
  let writing = true
  const writer = (async () => {
    for (let turn = 0; writing; turn++) {
      await clinic.table('people').updateOne({ id: (turn * 7) % PEOPLE }, { $set: { name: `t${turn}` } })
      if (turn % 10 === 0) await clinic.table('accounts').updateOne({ id: turn % 50 }, { $set: { phone: `q${turn}` } })
      if (turn % 25 === 0) await clinic.table('visits').deleteOne({ id: turn % PEOPLE })
      await sleep(2)
    }
  })()
  for (let round = 0; round < KILLS; round++) {
    worker.start()
    await sleep(900 + 130 * round)
    await worker.kill()
  }
  writing = false
  await writer
  worker.start()
  await clinic.settle()

  const rows = await clinic
    .table('people')
    .find({ id: { $type: 'number' } })
    .toArray()
  const phones = new Map((await clinic.table('accounts').find().toArray()).map(({ id, phone }) => [id, phone]))
  for (const { id, name, account } of rows) {
    const body = (await clinic.store.resources.findOne({ _id: `default/Patient/c-${String(id)}` }))?.body ?? ''
    expect(body).toContain(`"text":"${String(name)}"`)
    expect(body).toContain(`"value":"${String(phones.get(account))}"`)
  }
  const visits = await clinic.table('visits').distinct('id')
  expect(await clinic.store.resources.countDocuments({ tt: 'default/Encounter', deleted: false })).toBe(visits.length)

  for (const [resource, list] of Map.groupBy(await versions(), (version) => version.resource)) {
    expect(list.map(({ v }) => v)).toEqual(list.map((_, index) => index + 1))
    const repeated = list.find(({ content }, index) => content === list[index - 1]?.content)
    expect(repeated && `${resource} version ${repeated.v} says nothing new`).toBeUndefined()
    expect((await clinic.store.resources.findOne({ _id: resource }))?.v).toBe(list.length)
  }
}, 90_000)
