import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { startEmbeddedRedis } from '../../src/embedded/redis.ts'
import { connectRedis } from '../../src/queue/connection.ts'
import { redisUrl } from '../support/services.ts'

test('the embedded Redis keeps what it is given: append-only file, nothing evicted', async () => {
  const redis = await connectRedis(redisUrl())
  expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes'])
  expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
  await redis.quit()
})

test('a Redis that may drop jobs is refused in one sentence', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-redis-'))
  const where = { path: process.env['PATH'] ?? '', cacheHome: process.env['XDG_CACHE_HOME'] }
  const daemon = await startEmbeddedRedis({ dataDir, where, tell: () => undefined })
  const url = `redis://127.0.0.1:${daemon.port}`
  try {
    const redis = await connectRedis(url)
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    await redis.quit()
    await expect(connectRedis(url)).rejects.toThrow(/maxmemory-policy allkeys-lru\): set it to noeviction\.$/)
  } finally {
    await daemon.stop()
    await rm(dataDir, { recursive: true })
  }
})

test('an address where nothing answers is refused in one sentence', async () => {
  await expect(connectRedis('redis://127.0.0.1:1')).rejects.toThrow(
    /^Redis cannot be reached at REDIS_URL \(.*ECONNREFUSED/,
  )
})
