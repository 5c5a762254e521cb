/**
 * Turns that all workers of one database take one after the other, so many in a minute (GCRA), counted by the clock of
 * Redis. Who would wait for long is told when to ask again, each a step after the one before: a hundred thousand that are
 * due at once come back in a row and not all together.
 *
 * Tenants share the turns: each has a pace and a row of its own, so that one which has very much to send leaves the others
 * theirs. What nobody else wants is anybody's.
 */
import type { Redis } from 'ioredis'

export interface Turn {
  /** it is theirs after these milliseconds; else they ask again then */
  readonly isTheirs: boolean
  readonly milliseconds: number
}

export interface TurnsOptions {
  /** of its own for each database and each kind */
  readonly name: string
  readonly perMinute: number
}

const MINUTE = 60_000
/** What is waited for, while a message is held; as long again where others have taken the turns before. */
const SHORT = 2_000

/**
 * Keys: the next free turn; tenants that wanted more than there was, by until when that counts; of the tenant that asks now,
 * the next turn by its pace, and the end of the row of those who were sent away.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local step, short, tenant = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local function next(key, first)
  return math.max(first, tonumber(redis.call('GET', key) or '0'))
end
local function keep(key, moment)
  redis.call('SET', key, string.format('%.3f', moment), 'PX', math.ceil(moment - now) + 1)
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local others = redis.call('ZCARD', KEYS[2]) - (redis.call('ZSCORE', KEYS[2], tenant) and 1 or 0)
local pace = step * (others + 1)
local turn, own = next(KEYS[1], now), next(KEYS[3], now)
if turn - now <= short / 2 or (own - now <= short and turn - now <= 2 * short) then
  keep(KEYS[1], turn + step)
  keep(KEYS[3], math.min(own, now + short) + pace)
  return { 1, math.ceil(turn - now) }
end
local lately = math.max(5 * short, 4 * pace)
redis.call('ZADD', KEYS[2], now + lately, tenant)
redis.call('PEXPIRE', KEYS[2], math.ceil(lately) + 1)
local later = next(KEYS[4], now + short) + pace
keep(KEYS[4], later)
return { 0, math.ceil(later - now) }
`

/** Rejects at once while Redis is away. */
export function turns(redis: Redis, { name, perMinute }: TurnsOptions): (tenant: string) => Promise<Turn> {
  return async (tenant) => {
    if (redis.status !== 'ready') throw new Error('Redis is away, which says whose turn it is')
    // Of one slot, wherever Redis is a cluster
    const keys = ['turn', 'tenants', `own:${tenant}`, `row:${tenant}`].map((each) => `{${name}}:${each}`)
    const answer = await redis.eval(TAKE, keys.length, ...keys, MINUTE / perMinute, SHORT, tenant)
    const [theirs, milliseconds] = answer as [number, number]
    return { isTheirs: theirs === 1, milliseconds }
  }
}
