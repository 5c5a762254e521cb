/** The one way to Redis (BullMQ's rules: no limit of retries a request, https://docs.bullmq.io/guide/going-to-production). */
import { Redis } from 'ioredis'
import { StartError } from '../kernel/errors.ts'

const CONNECT_LIMIT = 5_000
const DISCONNECT_LIMIT = 100

export async function connectRedis(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_LIMIT,
    disconnectTimeout: DISCONNECT_LIMIT,
  })
  let reason = 'no answer'
  // Later outages are retried by the client and seen by the readiness probe; they must not end the process.
  redis.on('error', ({ message }) => {
    reason = message
  })
  try {
    await redis.connect()
    await assertKeepsAll(redis)
    return redis
  } catch (error) {
    redis.disconnect()
    if (error instanceof StartError) throw error
    throw new StartError(`Redis cannot be reached at REDIS_URL (${reason}); check the address and that it runs.`)
  }
}

/** A Redis that evicts keys when memory is short would lose jobs without a word. INFO answers where CONFIG is forbidden. */
async function assertKeepsAll(redis: Redis): Promise<void> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1]
  if (policy === undefined || policy === 'noeviction') return
  throw new StartError(`The Redis at REDIS_URL may drop jobs (maxmemory-policy ${policy}): set it to noeviction.`)
}
