/** Counts that all gateways of one database share, in Redis. What is counted (addresses, clients) is kept as a hash. */
import { hash } from 'node:crypto'
import type { Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'

export interface SharedCountOptions {
  /** of its own for each database and each kind */
  readonly name: string
  /** in so many seconds, from the first on */
  readonly seconds: number
}

/** Rejects at once while Redis is away. */
export function sharedCount(redis: Redis, { name, seconds }: SharedCountOptions) {
  const limiter = new RateLimiterRedis({
    ...{ storeClient: redis, rejectIfRedisNotReady: true },
    ...{ keyPrefix: name, points: Number.MAX_SAFE_INTEGER, duration: seconds },
  })
  return async (key: string, points: number) => {
    const { consumedPoints, msBeforeNext } = await limiter.penalty(hash('sha256', key, 'base64url'), points)
    return { count: consumedPoints, milliseconds: msBeforeNext }
  }
}
