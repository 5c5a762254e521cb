import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { ClientSession } from 'mongodb'
import { createLogger } from '../../src/kernel/logger.ts'
import { Ahead } from '../../src/projection/ahead.ts'
import type { Leader } from '../../src/projection/commit.ts'
import { definitionSet } from '../../src/projection/definitions.ts'
import { takeLease } from '../../src/store/leases.ts'
import { LeaseLostError, PLACES, claimPosition } from '../../src/store/positions.ts'
import { sessionAt } from '../../src/store/transaction.ts'
import type { Clinic } from './clinic.ts'
import { closeStore } from '../support/databases.ts'
import { bodyOf, openClinic, testPlan } from './clinic.ts'

let clinic: Clinic
let leader: Leader
let ahead: Ahead
let token = 0
const sessions: ClientSession[] = []

beforeEach(async () => {
  clinic = await openClinic()
  leader = await lead()
  ahead = new Ahead(leader)
})

afterEach(async () => {
  await ahead.drain().catch(() => undefined)
  for (const session of sessions.splice(0)) await session.endSession()
  await clinic.close()
})

async function lead(): Promise<Leader> {
  const { client, store, databases } = clinic
  const [session, ...lanes] = [client.startSession(), sessionAt(store), sessionAt(store)] as const
  sessions.push(session, ...lanes)
  const ids = [session, ...lanes].flatMap(({ id }) => (id ? [id.id] : []))
  const lease = await takeLease(store, { name: 'projection', owner: 'test', sessions: ids, isDead: () => true })
  if (!lease) throw new Error('the lease is not free')
  await claimPosition(store, lease)
  const [plan, log, definitions] = [testPlan(databases), createLogger('silent'), definitionSet([])]
  return { store, plan, lease, session, lanes, log, definitions }
}

interface Change {
  readonly collection: string
  readonly id: number
  readonly columns: Readonly<Record<string, unknown>>
}

/** Changes rows, then gives them as batches, one right after the other; the number of the last one's token. */
async function change(...changes: readonly Change[]): Promise<number> {
  const batches = []
  for (const { collection, id, columns } of changes) {
    const row = await clinic
      .table(collection)
      .findOneAndUpdate({ id }, { $set: columns }, { upsert: true, returnDocument: 'after' })
    batches.push([{ instance: clinic.databases.clinic, collection, _id: row?._id }])
  }
  for (const refs of batches) {
    await ahead.project({ refs, token: { _data: `0${++token}` }, committed: () => undefined })
  }
  return token
}

const people = (id: number, columns: Change['columns']): Change => ({ collection: 'people', id, columns })

async function patient(id: number): Promise<Record<string, unknown>> {
  return bodyOf(await clinic.store.resources.findOne({ _id: `default/Patient/c-${id}` }))
}

async function tokens(): Promise<unknown[]> {
  const found = await Promise.all(PLACES.map((_id) => clinic.store.positions.findOne({ _id })))
  return found.map((each) => each?.token)
}

test('batches go on in turns, each with its own place, and the one that is further counts', async () => {
  const names = ['Ann', 'Ben', 'Cid']
  const last = await change(...names.map((name, index) => people(index, { name })))
  await ahead.drain()
  expect(await tokens()).toEqual([{ _data: `0${last}` }, { _data: `0${last - 1}` }])
  expect((await claimPosition(clinic.store, leader.lease)).token).toEqual({ _data: `0${last}` })
  expect([await patient(0), await patient(1), await patient(2)]).toMatchObject(
    names.map((text) => ({ name: [{ text }] })),
  )
})

test('what refers to a resource of the batch before finds it', async () => {
  await change(people(1, { name: 'Ann' }), { collection: 'visits', id: 5, columns: { person: 1 } })
  await ahead.drain()
  const visit = bodyOf(await clinic.store.resources.findOne({ _id: 'default/Encounter/c-5' }))
  expect(visit['subject']).toEqual({ reference: 'Patient/c-1' })
})

test('a row that the batch before has begun to lean on takes it along', async () => {
  await change(people(1, { name: 'Ann', account: 7 }))
  await change(people(2, { name: 'Ben', account: 7 }), { collection: 'accounts', id: 7, columns: { phone: '123' } })
  await ahead.drain()
  expect([await patient(1), await patient(2)]).toMatchObject([
    { telecom: [{ value: '123' }] },
    { telecom: [{ value: '123' }] },
  ])
})

test('a resource that rows of several batches give has one version', async () => {
  const visit = (id: number, payer: string): Change => ({ collection: 'visits', id, columns: { payer } })
  await change(visit(1, 'AXA'), visit(2, 'AXA'), visit(3, 'AXA'))
  await ahead.drain()
  expect(await clinic.store.versions.countDocuments({ tt: 'default/Organization' })).toBe(1)
})

test('a row that changes again is read again', async () => {
  for (const name of ['Ann', 'Anna', 'Anne']) await change(people(1, { name }))
  await ahead.drain()
  expect(await patient(1)).toMatchObject({ meta: { versionId: '3' }, name: [{ text: 'Anne' }] })
})

test('a resource that somebody else writes meanwhile keeps both versions', async () => {
  await change(people(1, { name: 'Ann' }))
  await ahead.drain()
  const { resources } = clinic.store
  const other = clinic.client.startSession()
  sessions.push(other)
  other.startTransaction()
  await resources.updateOne({ _id: 'default/Patient/c-1' }, { $set: { v: 2, hash: 'of another' } }, { session: other })
  await change(people(1, { name: 'Anna' }))
  await other.commitTransaction()
  await ahead.drain()
  expect(await patient(1)).toMatchObject({ meta: { versionId: '3' }, name: [{ text: 'Anna' }] })
})

test('who has lost the lease writes nothing', async () => {
  await change(people(1, { name: 'Ann' }))
  await ahead.drain()
  await lead()
  await expect(change(people(2, { name: 'Ben' })).then(() => ahead.drain())).rejects.toThrow(LeaseLostError)
  expect(await clinic.store.resources.countDocuments({ tt: 'default/Patient' })).toBe(1)
})

test('after a storm of changes all is as a projection from nothing makes it', async () => {
  await clinic.work()
  for (let turn = 0; turn < 120; turn++) await storm(turn)
  await clinic.settle()
  const again = await openClinic({ clinic: clinic.databases.clinic, chain: clinic.databases.chain })
  await again.work()
  await again.settle()
  const [made, wanted] = [await contents(clinic), await contents(again)]
  expect(wanted.size).toBeGreaterThan(150)
  expect(made).toEqual(wanted)
  await again.rest()
  await closeStore(again.store)
}, 120_000)

/** Forty changes at once, in which rows come, go and change what they join and refer to. */
async function storm(turn: number): Promise<void> {
  const pick = (salt: number, of: number): number => (turn * 7919 + salt * 104729 + turn * salt) % of
  const forty = Array.from({ length: 40 }, (_, index) => index)
  const person = (salt: number) => ({ id: pick(salt, 150), name: `n${turn}`, account: pick(salt + 1, 40) })
  const upsert = (row: { id: number }) => ({
    updateOne: { filter: { id: row.id }, update: { $set: row }, upsert: true },
  })
  const rows = forty.map((salt) =>
    salt % 9 === 0 ? { deleteOne: { filter: { id: pick(salt, 150) } } } : upsert(person(salt)),
  )
  const visits = forty
    .slice(20)
    .map((salt) => upsert({ id: pick(salt, 60), person: pick(salt, 150) } as { id: number }))
  const accounts = forty.slice(36).map((salt) => upsert({ id: pick(salt, 40), phone: `p${turn}` } as { id: number }))
  await Promise.all([
    clinic.table('people').bulkWrite(rows, { ordered: false }),
    clinic.table('visits').bulkWrite(visits, { ordered: false }),
    clinic.table('accounts').bulkWrite(accounts, { ordered: false }),
  ])
}

/** Current resources by id, without their versions. */
async function contents({ store }: Clinic): Promise<Map<string, string>> {
  const found = await store.resources.find({ deleted: false, t: 'default' }).sort({ _id: 1 }).toArray()
  const plain = (body: string): string => body.replace(/"versionId":"\d+","lastUpdated":"[^"]+"/, '')
  return new Map(found.filter(({ _id }) => !_id.includes('mark')).map(({ _id, body }) => [_id, plain(body)]))
}
