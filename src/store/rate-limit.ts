/**
 * How often something may be tried, counted over all gateways. What is counted (addresses, names) is kept as a hash and
 * only as long as it counts.
 */
import { hash } from 'node:crypto'
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible'
import type { Store } from './collections.ts'

export interface RateLimit {
  /** Counts one more. Gives the seconds to wait when that is too many, else undefined. */
  take(key: string): Promise<number | undefined>
  /** Gives the same without counting. */
  wait(key: string): Promise<number | undefined>
  /** One that should not have counted. */
  giveBack(key: string): Promise<void>
  /** Begins anew. */
  forget(key: string): Promise<void>
}

export interface RateLimitOptions {
  /** of its own for each kind of attempt */
  readonly name: string
  /** so many times */
  readonly times: number
  /** in so many seconds, from the first on */
  readonly seconds: number
}

export function rateLimit({ db }: Store, { name, times, seconds }: RateLimitOptions): RateLimit {
  const limiter = new RateLimiterMongo({
    ...{ storeClient: db, tableName: 'attempts', disableIndexesCreation: true },
    ...{ keyPrefix: name, points: times, duration: seconds },
    // who goes on and on is not counted on in the database
    inMemoryBlockOnConsumed: times + 1,
  })
  return {
    async take(key) {
      try {
        await limiter.consume(nameOf(key))
        return undefined
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return secondsOf(refused)
        throw refused
      }
    },
    async wait(key) {
      const found = await limiter.get(nameOf(key))
      return found && found.consumedPoints > times ? secondsOf(found) : undefined
    },
    async giveBack(key) {
      await limiter.reward(nameOf(key))
    },
    async forget(key) {
      await limiter.delete(nameOf(key))
    },
  }
}

/** Where no number is too many: what follows from it is for the caller to say. */
export interface Counter {
  /** Counts one more, and says how many there are. */
  add(key: string): Promise<number>
  giveBack(key: string): Promise<void>
}

export function counter({ db }: Store, { name, seconds }: Omit<RateLimitOptions, 'times'>): Counter {
  const limiter = new RateLimiterMongo({
    ...{ storeClient: db, tableName: 'attempts', disableIndexesCreation: true },
    ...{ keyPrefix: name, points: Number.MAX_SAFE_INTEGER, duration: seconds },
  })
  return {
    add: async (key) => (await limiter.penalty(nameOf(key))).consumedPoints,
    async giveBack(key) {
      await limiter.reward(nameOf(key))
    },
  }
}

function nameOf(key: string): string {
  return hash('sha256', key, 'base64url')
}

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000))
}
