import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { MongoClient } from 'mongodb'
import { createLogger } from '../../src/kernel/logger.ts'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import type { Change, Follower } from '../../src/store/outbox.ts'
import { countParked, tryParkedAgain } from '../../src/store/parked.ts'
import { prepareSchema } from '../../src/store/schema.ts'
import { Relay, relayOutbox } from '../../src/workers/relay.ts'
import { mongodbUri, uniqueName } from '../support/services.ts'
import { programOf } from '../support/worker-program.ts'
import { countingFollower } from './relay-process.ts'
import { ObjectId } from 'mongodb'

let client: MongoClient
let store: Store
const programs = [0, 1].map(() =>
  programOf(new URL('relay-process.ts', import.meta.url), () => [store.db.databaseName]),
)
const [one, other] = programs as [(typeof programs)[0], (typeof programs)[0]]

beforeEach(async () => {
  client = await connect(mongodbUri())
  store = openStore(client, uniqueName('relay'))
  await prepareSchema(store)
  await store.db.createCollection('followed')
})

afterEach(async () => {
  await Promise.all(programs.map((each) => each.kill()))
  await store.db.dropDatabase()
  await client.close()
})

const commit = (...changes: Change[]) => store.outbox.insertOne({ _id: new ObjectId(), at: new Date(), changes })
const version = (id: string, v: number): Change => ({ id: `default/Basic/${id}`, v, method: v === 1 ? 'POST' : 'PUT' })
const followed = () => store.db.collection<{ _id: string; times: number }>('followed').find().sort({ _id: 1 }).toArray()
const isEmpty = async () => (await store.outbox.countDocuments()) === 0

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20)
}

async function relayed(...followers: Follower[]): Promise<void> {
  const session = client.startSession()
  try {
    while ((await relayOutbox(store, session, followers)) > 0);
  } finally {
    await session.endSession()
  }
}

test('versions of one resource are handed on in their order, and the rows are removed, also where nobody follows', async () => {
  await commit(version('a', 2), version('b', 1))
  await commit(version('a', 1))
  const seen: Change[] = []
  const woken: string[] = []
  await relayed({
    name: 'seeing',
    follow(changes) {
      seen.push(...changes)
      return Promise.resolve(() => void woken.push('after'))
    },
  })
  expect(seen.filter(({ id }) => id.endsWith('/a')).map(({ v }) => v)).toEqual([1, 2])
  expect([seen.length, woken, await isEmpty()]).toEqual([3, ['after'], true])
  await commit(version('c', 1))
  await relayed()
  expect(await isEmpty()).toBe(true)
})

test('who follows and fails takes nothing with it: nothing is written and the row stays for the next try', async () => {
  await commit(version('a', 1))
  let fails = true
  const failing: Follower = {
    name: 'failing',
    follow: () => (fails ? Promise.reject(new Error('not today')) : Promise.resolve(undefined)),
  }
  await expect(relayed(countingFollower(store), failing)).rejects.toThrow('failing could not be told')
  expect([await followed(), await isEmpty()]).toEqual([[], false])
  fails = false
  await relayed(countingFollower(store), failing)
  expect(await followed()).toEqual([{ _id: 'default/Basic/a/1', times: 1 }])
})

/** What it could not follow makes it throw, as a defect would. */
const stumbling = (over: RegExp, isMended: () => boolean): Follower => ({
  name: 'stumbling',
  follow: (changes) =>
    !isMended() && changes.some(({ id }) => over.test(id))
      ? Promise.reject(new TypeError('no'))
      : Promise.resolve(undefined),
})

test('a version that one follower fails at is parked for it alone; it is handed on again when that is mended (fault 15)', async () => {
  let isMended = false
  const told: string[] = []
  const stumbles = stumbling(/poison/, () => isMended)
  const telling: Follower = {
    ...stumbles,
    async follow(changes, session) {
      await stumbles.follow(changes, session)
      return () => void told.push(...changes.map(({ id }) => id.replace(/.*\//, '')))
    },
  }
  await commit(version('a', 1))
  await commit(version('b', 1), version('poison', 1), version('c', 1))
  await commit(version('d', 1))
  const relay = new Relay({ store, followers: [telling, countingFollower(store)], log: createLogger('silent') })
  relay.start()
  try {
    await until(isEmpty)
    // What comes after a commit comes after it
    await until(() => Promise.resolve(told.length === 4))
    expect(await followed()).toHaveLength(5)
    expect(told).toEqual(['a', 'b', 'c', 'd'])
    expect(await countParked(store)).toEqual({ stumbling: 1 })
    expect(await store.parked.findOne()).toMatchObject({ changes: [version('poison', 1)], reason: 'TypeError' })
    isMended = true
    expect(await tryParkedAgain(store)).toBe(1)
    await until(isEmpty)
    await until(() => Promise.resolve(told.length === 5))
  } finally {
    await relay.stop()
  }
  expect([told.at(-1), await countParked(store)]).toEqual(['poison', {}])
  expect((await followed()).every(({ times }) => times === 1)).toBe(true)
}, 30_000)

test('two that relay the same rows at once write what follows once (fault 59)', async () => {
  for (let n = 0; n < 40; n++) await commit(version(`r${n}`, 1))
  const attempts = await Promise.allSettled(Array.from({ length: 4 }, () => relayed(countingFollower(store))))
  expect(attempts.some(({ status }) => status === 'fulfilled')).toBe(true)
  await relayed(countingFollower(store))
  const found = await followed()
  expect([found.length, found.every(({ times }) => times === 1)]).toEqual([40, true])
})

test('killed with -9 again and again while commits come in, each version is followed once (fault 3)', async () => {
  let made = 0
  let writing = true
  const writer = (async () => {
    while (writing) {
      await commit(version(`k${made}`, 1), version(`k${made}`, 2))
      made++
      await sleep(1)
    }
  })()
  const count = () => store.db.collection('followed').countDocuments()
  for (let kills = 0; kills < 6; kills++) {
    const before = await count()
    one.start()
    await until(async () => (await count()) > before)
    await sleep(Math.random() * 60)
    await one.kill()
  }
  writing = false
  await writer
  one.start()
  await until(isEmpty)
  const found = await followed()
  expect([found.length, found.every(({ times }) => times === 1)]).toEqual([2 * made, true])
}, 120_000)

test('of two programs one relays; when it is killed or told to stop the other takes over (fault 58)', async () => {
  const relay = new Relay({ store, followers: [countingFollower(store)], log: createLogger('fatal') })
  relay.start()
  await until(async () => (await store.leases.findOne({ _id: 'relay' })) !== null)
  const holder = async () => (await store.leases.findOne({ _id: 'relay' }))?.owner
  const mine = await holder()
  other.start()
  await commit(version('a', 1))
  await until(isEmpty)
  expect(await holder()).toBe(mine)
  await relay.stop()
  await commit(version('b', 1))
  await until(isEmpty)
  expect(await holder()).not.toBe(mine)
  await other.kill()
  one.start()
  await commit(version('c', 1))
  await until(isEmpty)
  expect((await followed()).map(({ times }) => times)).toEqual([1, 1, 1])
}, 60_000)
