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

async function asked(take: () => Promise<Turn>, times: number): Promise<Turn[]> {
  return Promise.all(Array.from({ length: times }, take))
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
  expect(await take()).toEqual({ isTheirs: true, milliseconds: 0 })
  expect((await turns(redis, { name: uniqueName('turns'), perMinute: 1 })()).milliseconds).toBe(0)
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

test('while Redis is away nobody is told anything', async () => {
  const own = await connectRedis(redisUrl())
  const take = turns(own, { name: uniqueName('turns'), perMinute: 1 })
  const ended = once(own, 'end')
  own.disconnect()
  await ended
  await expect(take()).rejects.toThrow('Redis is away')
})
