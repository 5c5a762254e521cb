import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Store } from '../../src/store/collections.ts'
import type { Handout } from '../../src/store/handouts.ts'
import {
  ClaimLostError,
  MOST_HANDED,
  callBack,
  endOwed,
  handOutDue,
  postponeOwed,
  takeHandout,
} from '../../src/store/handouts.ts'
import type { OwedDocument } from '../../src/store/owed.ts'
import { countLate, countOwed, firstDue, owedId, owingTenants } from '../../src/store/owed.ts'
import { closeStore, openTestStore } from '../support/databases.ts'

let store: Store

beforeAll(async () => {
  store = await openTestStore()
})

afterAll(() => closeStore(store))

beforeEach(async () => {
  await Promise.all([store.owed.deleteMany({}), store.handouts.deleteMany({})])
})

async function owe(t: string, count: number, due: Date): Promise<void> {
  const all = Array.from({ length: count }, (_, n): OwedDocument => {
    const what = { t, kind: 'appointment-reminders', about: `${t}/Appointment/${n}`, which: '120' }
    return { _id: owedId(what), ...what, due, at: due, state: 'owed', tries: 0 }
  })
  await store.owed.insertMany(all)
}

async function offered(limit: number): Promise<Record<string, number>> {
  const ids = (await handOutDue(store, limit)).handouts.flatMap(({ messages }) => messages)
  expect(new Set(ids).size).toBe(ids.length)
  const found = await store.owed.find({ _id: { $in: ids } }).toArray()
  return Object.fromEntries([...Map.groupBy(found, ({ t }) => t)].map(([t, each]) => [t, each.length]))
}

test('a flood of one tenant holds up no other: each has its share of what is offered, and nobody’s place stays empty (fault 51)', async () => {
  const ago = (seconds: number): Date => new Date(Date.now() - 1_000 * seconds)
  await owe('flood', 500, ago(60))
  expect(await offered(30)).toEqual({ flood: 30 })
  await owe('quiet', 12, ago(1))
  await owe('later', 3, new Date(Date.now() + 600_000))
  // Three tenants are owed something, a share is ten; the one that has nothing due yet leaves its own
  expect(await offered(30)).toEqual({ flood: 20, quiet: 10 })
  expect(await offered(30)).toEqual({ flood: 28, quiet: 2 })
  expect(await offered(1_000)).toEqual({ flood: 422 })
})

test('of however many tenants, what is due first comes first, and what is due next is known', async () => {
  const start = Date.now() - 1_000_000
  for (let n = 0; n < 250; n++) await owe(`t${(n * 7) % 250}`, 1, new Date(start + n * 1_000))
  await owe('later', 1, new Date(start + 2_000_000))
  const first = await firstDue(store, await owingTenants(store), 4, new Date())
  expect(first.map(({ at }) => at.getTime() - start)).toEqual([0, 1_000, 2_000, 3_000])
  expect(Object.keys(await offered(1_000))).toHaveLength(250)
  expect(await handOutDue(store, 1_000)).toEqual({ handouts: [], next: undefined })
  expect(await handOutDue(store, 1_000, { ahead: 2_000_000 })).toEqual({
    handouts: [],
    next: new Date(start + 2_000_000),
  })
})

interface Asked {
  readonly op: string
  readonly planSummary?: string
  readonly docsExamined?: number
  readonly keysExamined?: number
  readonly hasSortStage?: boolean
}

test('nothing that is done all the time goes through what was sent', async () => {
  await owe('clinic', 300, new Date())
  await store.owed.updateMany({}, { $set: { state: 'sent', ended: new Date() } })
  await store.db.command({ profile: 2 })
  for (const tenant of ['another', 'other']) await owe(tenant, 2, new Date())
  const [handout] = (await handOutDue(store, 10, { ahead: 1_000 })).handouts
  await takeHandout(store, ALIVE, handout as Handout)
  await callBack(store, isDead)
  await Promise.all([countOwed(store), countLate(store)])
  await store.db.command({ profile: 0 })
  const profile = store.db.collection<Asked>('system.profile')
  const asked = await profile.find({ ns: store.owed.namespace }).toArray()
  expect(asked.length).toBeGreaterThan(5)
  for (const { op, planSummary, docsExamined = 0, keysExamined = 0, hasSortStage = false } of asked) {
    expect(planSummary).not.toBe('COLLSCAN')
    expect(docsExamined + keysExamined).toBeLessThan(30)
    // What is due is found in its order: only figures are sorted
    expect([op, hasSortStage]).not.toEqual(['query', true])
  }
})

const [ALIVE, DEAD] = ['alive 1', 'dead 2']
const isDead = (owner: string): boolean => owner === DEAD

async function handedOut(count: number): Promise<Handout> {
  await owe('clinic', count, new Date())
  const [handout, ...others] = (await handOutDue(store, count)).handouts
  expect(others).toEqual([])
  return handout as Handout
}

/** As long after it was handed out as it is called back. */
async function later(): Promise<void> {
  await store.owed.updateMany({ state: 'sending' }, { $set: { at: new Date() } })
}

const owed = () => store.owed.find().sort({ about: 1 }).toArray()

test('of many that take one handout at the same moment one has all of it', async () => {
  const handout = await handedOut(20)
  const takers = await Promise.all(Array.from({ length: 8 }, () => takeHandout(store, ALIVE, handout)))
  expect(takers.map((each) => each.length).sort((a, b) => b - a)).toEqual([20, 0, 0, 0, 0, 0, 0, 0])
  expect((await handOutDue(store, 100)).handouts).toEqual([])
})

test('what nobody took is handed out again after a while, and whoever comes for it late has nothing', async () => {
  const handout = await handedOut(3)
  await callBack(store, isDead)
  expect((await handOutDue(store, 100)).handouts).toEqual([])
  await later()
  await callBack(store, isDead)
  const [again] = (await handOutDue(store, 100)).handouts
  expect(again?.messages.toSorted()).toEqual(handout.messages.toSorted())
  expect(await takeHandout(store, ALIVE, handout)).toEqual([])
  // Nothing was tried
  expect((await takeHandout(store, ALIVE, again as Handout)).map(({ tries }) => tries)).toEqual([0, 0, 0])
})

test('what was being called back when its program died is called back by the next', async () => {
  const { id } = await handedOut(2)
  await later()
  await store.handouts.insertOne({ _id: id, until: new Date() })
  await callBack(store, isDead)
  expect(await owed()).toMatchObject([
    { state: 'owed', tries: 0 },
    { state: 'owed', tries: 0 },
  ])
})

test('taken or called back, never both, however close they come', async () => {
  await owe('clinic', 20, new Date())
  const all: Handout[] = []
  for (let n = 0; n < 20; n++) all.push(...(await handOutDue(store, 1)).handouts)
  await later()
  const taken = await Promise.all([
    ...all.map(async (each) => (await takeHandout(store, ALIVE, each)).length),
    callBack(store, isDead).then(() => 0),
  ])
  const count = taken.reduce((sum, each) => sum + each, 0)
  expect(await store.owed.countDocuments({ state: 'owed' })).toBe(20 - count)
})

test('what the dead had taken is another’s at once, counts as tried, and is not theirs to end', async () => {
  const [first] = await takeHandout(store, DEAD, await handedOut(1))
  if (!first) throw new Error('nothing was taken')
  await callBack(store, isDead)
  const sent = { ...first, state: 'sent' as const }
  await expect(endOwed(store, [sent])).rejects.toThrow(ClaimLostError)
  const [handout] = (await handOutDue(store, 1)).handouts
  const [second] = await takeHandout(store, ALIVE, handout as Handout)
  expect(second).toMatchObject({ _id: first._id, tries: 1 })
  await expect(endOwed(store, [sent])).rejects.toThrow(ClaimLostError)
  await postponeOwed(store, first, new Date())
  if (second) await endOwed(store, [{ ...second, state: 'sent' }])
  expect(await owed()).toMatchObject([{ state: 'sent' }])
})

test('what is another’s by now is not ended along with what is not', async () => {
  const [stale] = await takeHandout(store, DEAD, await handedOut(1))
  await callBack(store, isDead)
  await store.owed.updateMany({ state: 'owed' }, { $set: { at: new Date(0) } })
  await owe('other', 1, new Date())
  const [first, second] = [(await handOutDue(store, 1)).handouts[0], (await handOutDue(store, 1)).handouts[0]]
  const [again] = await takeHandout(store, ALIVE, first as Handout)
  const [own] = await takeHandout(store, DEAD, second as Handout)
  if (!stale || !again || !own) throw new Error('nothing was taken')
  expect([again._id, own._id]).toEqual([stale._id, expect.not.stringMatching(stale._id)])
  const ends = [stale, own].map(({ _id, handout }) => ({ _id, handout, state: 'sent' as const }))
  await expect(endOwed(store, ends)).rejects.toThrow(ClaimLostError)
  expect(await store.owed.findOne({ _id: stale._id })).toMatchObject({ state: 'sending', handout: again.handout })
})

test('what takes long is left to its taker, until its minute is over', async () => {
  await takeHandout(store, ALIVE, await handedOut(2))
  await later()
  await callBack(store, isDead)
  expect(await owed()).toMatchObject([{ state: 'sending' }, { state: 'sending' }])
  await store.handouts.updateMany({}, { $set: { until: new Date() } })
  await callBack(store, isDead)
  expect(await owed()).toMatchObject([
    { state: 'owed', tries: 1 },
    { state: 'owed', tries: 1 },
  ])
})

test('those of several handouts end together, each as it went; told to wait it was no try', async () => {
  await owe('clinic', MOST_HANDED + 10, new Date())
  const { handouts } = await handOutDue(store, MOST_HANDED + 10)
  expect(handouts).toHaveLength(2)
  const taken = (await Promise.all(handouts.map((each) => takeHandout(store, ALIVE, each)))).flat()
  const [late, failed, ...others] = taken
  if (!late || !failed) throw new Error('nothing was taken')
  await postponeOwed(store, late, new Date(), true)
  const gone = { _id: failed._id, handout: failed.handout, state: 'failed' as const, reason: 'the message was refused' }
  await endOwed(store, [gone, ...others.map(({ _id, handout }) => ({ _id, handout, state: 'sent' as const }))])
  const states = Map.groupBy(await owed(), ({ state }) => state)
  expect(states.get('sent')).toHaveLength(MOST_HANDED + 8)
  expect(states.get('failed')).toMatchObject([{ _id: failed._id, reason: 'the message was refused' }])
  expect(states.get('owed')).toMatchObject([{ _id: late._id, tries: 0 }])
})
