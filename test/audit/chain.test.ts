/** The chain of audit events in a real MongoDB: made by the sealer, and whatever is done to it is named. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { keptSince, removeExpired } from '../../src/audit/retention.ts'
import { Sealer, sealOpen } from '../../src/audit/sealer.ts'
import { verifyTenant } from '../../src/audit/verify.ts'
import { createLogger } from '../../src/kernel/logger.ts'
import { ownerName } from '../../src/store/owner.ts'
import type { Seals } from '../../src/seal/seals.ts'
import { noSeals } from '../../src/seal/seals.ts'
import { addAudit } from '../../src/store/audit.ts'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { closeStore, openTestStore } from '../support/databases.ts'
import { testSeals } from '../support/seals.ts'
import { sampleEvent } from './sample-event.ts'

let store: Store
beforeAll(async () => {
  store = await openTestStore(testSeals())
})
afterAll(async () => {
  await closeStore(store)
})
beforeEach(async () => {
  for (const collection of [store.audit, store.auditChain, store.auditHeads]) await collection.deleteMany({})
})

const id = (number: number): string => `e${String(number).padStart(3, '0')}`
const keyOf = (number: number): string => `default/${id(number)}`

/** Events from 1 on, linked in parts of three. */
async function chained(count: number, own: Store = store): Promise<void> {
  for (let next = 1; next <= count; next += 3) {
    const numbers = [next, next + 1, next + 2].filter((number) => number <= count)
    await addAudit(
      own,
      numbers.map((number) => sampleEvent(id(number))),
    )
    await sealOpen(own)
  }
}

async function chainedFrom(number: number): Promise<void> {
  await addAudit(store, [sampleEvent(id(number))])
  await sealOpen(store)
}

async function found(own: Store = store): Promise<string[]> {
  return (await verifyTenant(own, 'default')).findings.map(
    ({ kind, event, number }) => `${kind} ${event ?? number ?? ''}`,
  )
}

test('what was linked is whole, and what is not linked yet is counted', async () => {
  await chained(7)
  await addAudit(store, [sampleEvent(id(8))])
  const { linked, open, findings, end } = await verifyTenant(store, 'default')
  expect({ linked, open, findings, end: end.number }).toEqual({ linked: 7, open: 1, findings: [], end: 7 })
})

test('an event that is there already is added once, linked or not', async () => {
  await chained(3)
  await addAudit(store, [sampleEvent(id(2)), sampleEvent(id(9))])
  expect((await store.auditNotes.find({ _id: /^~/ }).toArray()).map(({ open }) => open)).toEqual([['e009']])
  expect(await store.audit.countDocuments({ t: 'default', kind: 'read' })).toBe(4)
})

test('a changed event is named', async () => {
  await chained(7)
  await store.audit.updateOne({ _id: keyOf(5) }, { $set: { 'who.client': 'somebody else' } })
  expect(await found()).toEqual(['changed e005'])
})

test('an event that was given more is changed too', async () => {
  await chained(3)
  await store.audit.updateOne({ _id: keyOf(2) }, { $set: { note: 'x' } as never })
  expect(await found()).toEqual(['changed e002'])
})

test('a missing event is named', async () => {
  await chained(7)
  await store.audit.deleteOne({ _id: keyOf(4) })
  expect(await found()).toEqual(['missing e004'])
})

test('reordered events are named, within a link and across links', async () => {
  await chained(7)
  const [one, two] = await store.auditChain.find().sort({ _id: 1 }).toArray()
  const swap = (ids: readonly string[] = [], from: string, to: string): string[] =>
    ids.map((each) => (each === from ? to : each))
  await store.auditChain.updateOne({ _id: one?._id ?? '' }, { $set: { ids: swap(one?.ids, 'e002', 'e006') } })
  await store.auditChain.updateOne({ _id: two?._id ?? '' }, { $set: { ids: swap(two?.ids, 'e006', 'e002') } })
  expect((await found()).sort()).toEqual(['link 1', 'link 4', 'reordered e002', 'reordered e006'])
})

test('a link that was taken out is missing with its events, and the next does not follow', async () => {
  await chained(9)
  await store.auditChain.deleteOne({ first: 4 })
  await store.audit.deleteMany({ _id: { $in: [4, 5, 6].map(keyOf) } })
  expect(await found()).toEqual(['missing 4'])
})

test('an end that was cut off is named, and a head that was put back', async () => {
  await chained(6)
  const [earlier] = await store.auditHeads.find().toArray()
  await addAudit(store, [sampleEvent(id(7))])
  await sealOpen(store)
  await store.auditChain.deleteOne({ first: 7 })
  await store.audit.deleteOne({ _id: keyOf(7) })
  expect(await found()).toEqual(['cut 7'])
  await store.auditHeads.updateOne({ _id: 'default' }, { $set: { 'end.number': 6 } })
  expect(await found()).toEqual(['head ', 'head '])
  await store.auditHeads.deleteOne({ _id: 'default' })
  expect(await found()).toEqual(['head '])
  expect(earlier?.end.number).toBe(6)
})

test('an event that nobody linked and that says it is linked is named', async () => {
  await chained(3)
  await store.audit.insertOne(sampleEvent('forged'))
  expect(await found()).toEqual(['added '])
})

test('who has no key cannot make a chain that fits', async () => {
  await chained(3, openStore(store.client, store.db.databaseName, noSeals))
  expect(await found()).toEqual([])
  const other: Seals = { ...testSeals(), mark: () => 'forged' }
  for (const collection of [store.audit, store.auditChain, store.auditHeads]) await collection.deleteMany({})
  await chained(3, openStore(store.client, store.db.databaseName, other))
  expect(new Set(await found())).toEqual(new Set(['link 1', 'changed e001', 'changed e002', 'changed e003', 'head ']))
})

test('an event that was removed before it was linked is missing', async () => {
  await addAudit(store, [sampleEvent(id(1)), sampleEvent(id(2))])
  await store.audit.deleteOne({ _id: keyOf(1) })
  await sealOpen(store)
  expect(await found()).toEqual(['missing e001'])
})

test('what was linked more than seven years ago goes from the beginning, and the rest is whole', async () => {
  await chained(7)
  expect(keptSince(1, new Date('2026-11-21T10:00:00Z'))).toEqual(new Date('2019-11-21T10:00:00Z'))
  expect(await removeExpired(store, 'default', keptSince(0))).toBe(0)
  const [, , third] = await store.auditChain.find().sort({ _id: 1 }).toArray()
  expect(await removeExpired(store, 'default', third?.at ?? new Date(0))).toBe(6)
  await chainedFrom(8)
  const { linked, findings } = await verifyTenant(store, 'default')
  expect({ linked, findings }).toEqual({ linked: 2, findings: [] })
  expect(await store.audit.countDocuments()).toBe(2)
})

test('several sealers at once link each event once, while others write', async () => {
  const log = createLogger('silent')
  const sealers = [1, 2, 3].map(
    (each) => new Sealer({ store, owner: `${ownerName()} ${each}`, isDead: () => true, log, years: 7 }),
  )
  for (const sealer of sealers) sealer.start()
  const racing = Array.from({ length: 5 }, () => sealOpen(store).catch(() => 0))
  for (let number = 1; number <= 200; number++) await addAudit(store, [sampleEvent(id(number))])
  await Promise.all(racing)
  for (const sealer of sealers) await sealer.stop()
  await sealOpen(store)
  const { linked, open, findings } = await verifyTenant(store, 'default')
  expect({ linked, open, findings }).toEqual({ linked: 200, open: 0, findings: [] })
})
