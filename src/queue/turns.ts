/**
 * Turns that all workers of one database take one after the other, so many in a minute (GCRA), counted by the clock of
 * Redis. Who would wait for long is told when to ask again, each a step after the one before: a hundred thousand that are
 * due at once come back in a row and not all together.
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
/** What is waited for, while a message is held. */
const SHORT = 2_000

/** The next free turn stands at the first key, the end of the row of those who were sent away at the second. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local step, short = tonumber(ARGV[1]), tonumber(ARGV[2])
local function next(key, first)
  return math.max(first, tonumber(redis.call('GET', key) or '0'))
end
local function keep(key, moment)
  redis.call('SET', key, string.format('%.3f', moment), 'PX', math.ceil(moment - now) + 1)
end
local turn = next(KEYS[1], now)
if turn - now <= short then
  keep(KEYS[1], turn + step)
  return { 1, math.ceil(turn - now) }
end
local later = next(KEYS[2], now + short) + step
keep(KEYS[2], later)
return { 0, math.ceil(later - now) }
`

/** Rejects at once while Redis is away. */
export function turns(redis: Redis, { name, perMinute }: TurnsOptions): () => Promise<Turn> {
  return async () => {
    if (redis.status !== 'ready') throw new Error('Redis is away, which says whose turn it is')
    // Of one slot, wherever Redis is a cluster
    const keys = [`{${name}}:turn`, `{${name}}:row`]
    const [theirs, milliseconds] = (await redis.eval(TAKE, 2, ...keys, MINUTE / perMinute, SHORT)) as [number, number]
    return { isTheirs: theirs === 1, milliseconds }
  }
}
