/** The one way to Redis (BullMQ's rules: no limit of retries a request, docs.bullmq.io/guide/going-to-production). */
import { Redis } from 'ioredis'
import { StartError } from '../kernel/errors.ts'

export async function connectRedis(url: string): Promise<Redis> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, connectTimeout: 5_000 })
  // Later outages are retried by the client and seen by the readiness probe; they must not end the process.
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return redis
  } catch (error) {
    redis.disconnect()
    throw new StartError(
      `Redis cannot be reached at REDIS_URL (${(error as Error).message}); check the address and that it runs.`,
    )
  }
}
