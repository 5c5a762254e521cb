import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { connectRedis } from '../../src/queue/connection.ts'
import { turns } from '../../src/queue/turns.ts'
import type { Turn } from '../../src/queue/turns.ts'
import { redisUrl, uniqueName } from '../support/services.ts'

let redis: Redis
beforeAll(async () => {
  redis = await connectRedis(redisUrl())
})
afterAll(() => redis.quit())

type Take = (tenant: string) => Promise<Turn>

async function asked(take: Take, times: number, tenant = 'one'): Promise<Turn[]> {
  return Promise.all(Array.from({ length: times }, () => take(tenant)))
}

test('turns come one after the other, whoever asks; who would wait long comes back in a row', async () => {
  const options = { name: uniqueName('turns'), perMinute: 60 }
  const [one, other] = [turns(redis, options), turns(redis, options)]
  const all = (await Promise.all([asked(one, 50), asked(other, 50)])).flat()
  const theirs = all.filter(({ isTheirs }) => isTheirs).map(({ milliseconds }) => milliseconds)
  // at once, and in a second and two; while this is asked some time passes
  expect(theirs.length).toBeGreaterThanOrEqual(2)
  expect(theirs.length).toBeLessThan(10)
  expect(theirs.every((each) => each <= 2_000)).toBe(true)
  const row = all.filter(({ isTheirs }) => !isTheirs).map(({ milliseconds }) => milliseconds)
  const sorted = row.toSorted((a, b) => a - b)
  expect(sorted[0]).toBeGreaterThan(2_000)
  const last = sorted.at(-1) ?? 0
  // each a second after the one before, less what passed
  expect(last).toBeGreaterThan(80_000)
  expect(last).toBeLessThanOrEqual(102_000)
})

test('each name has its own, and nothing of it stays', async () => {
  const name = uniqueName('turns')
  const take = turns(redis, { name, perMinute: 600 })
  expect(await take('one')).toEqual({ isTheirs: true, milliseconds: 0 })
  expect((await turns(redis, { name: uniqueName('turns'), perMinute: 1 })('one')).milliseconds).toBe(0)
  expect(await redis.pttl(`{${name}}:turn`)).toBeLessThanOrEqual(101)
})

test('thousands are told when to come, in a row', async () => {
  const take = turns(redis, { name: uniqueName('turns'), perMinute: 6_000 })
  let last = 0
  for (let n = 0; n < 20; n++) {
    const all = await asked(take, 500)
    last = Math.max(last, ...all.map(({ milliseconds }) => milliseconds))
  }
  // 10,000 of them need 100 seconds
  expect(last).toBeGreaterThan(60_000)
  expect(last).toBeLessThanOrEqual(102_000)
})

test('who comes while another tenant has filled every turn has its own soon', async () => {
  const take = turns(redis, { name: uniqueName('turns'), perMinute: 6_000 })
  const before = await asked(take, 1_000)
  expect(Math.max(...before.map(({ milliseconds }) => milliseconds))).toBeGreaterThan(5_000)
  const few = await asked(take, 20, 'other')
  expect(few.every(({ isTheirs, milliseconds }) => isTheirs && milliseconds <= 4_000)).toBe(true)
})

test('tenants that want more than there is have as much each, and no more go out than may', async () => {
  const take = turns(redis, { name: uniqueName('turns'), perMinute: 600 })
  const start = performance.now()
  // As their messages come: ten of one for each of the others
  const order = Array.from({ length: 60 }, () => [...Array.from({ length: 10 }, () => 'one'), 'two', 'three']).flat()
  const turnsGiven = await Promise.all(order.map(async (tenant) => ({ tenant, turn: await take(tenant) })))
  const passed = performance.now() - start
  const theirs = turnsGiven.filter(({ turn }) => turn.isTheirs)
  // In four seconds and what passed there are ten turns a second
  expect(theirs.length).toBeLessThanOrEqual((4_000 + passed) / 100 + 2)
  const byTenant = Map.groupBy(turnsGiven, ({ tenant }) => tenant)
  const ends = [...byTenant.values()].map((all) => Math.max(...all.map(({ turn }) => turn.milliseconds)))
  // Whoever wants ten times as much waits for it, and the two that want little do so about as long as each other
  expect(ends[0]).toBeGreaterThan(3 * (ends[1] ?? 0))
  expect(Math.abs((ends[1] ?? 0) - (ends[2] ?? 0))).toBeLessThan((ends[1] ?? 0) / 2)
})

test('while Redis is away nobody is told anything', async () => {
  const own = await connectRedis(redisUrl())
  const take = turns(own, { name: uniqueName('turns'), perMinute: 1 })
  const ended = once(own, 'end')
  own.disconnect()
  await ended
  await expect(take('one')).rejects.toThrow('Redis is away')
})
