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
 * Keys: the next free turn; tenants that wanted more than there was, by until when that counts; of each tenant that asks now,
 * the next turn by its pace, and the end of the row of those who were sent away. Then who asks, one after the other.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local step, short, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function next(key, first)
  return math.max(first, tonumber(redis.call('GET', key) or '0'))
end
local function keep(key, moment)
  redis.call('SET', key, string.format('%.3f', moment), 'PX', math.ceil(moment - now) + 1)
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local wanting, turn, tenants, answers = redis.call('ZCARD', KEYS[2]), next(KEYS[1], now), {}, {}
for n = 1, count do
  local own, row = KEYS[2 * n + 1], KEYS[2 * n + 2]
  local wants = redis.call('ZSCORE', KEYS[2], ARGV[n + 3]) and 1 or 0
  tenants[n] = { own = next(own, now), row = next(row, now + short), wants = wants }
end
for n = count + 4, #ARGV do
  local tenant = tenants[tonumber(ARGV[n])]
  local pace = step * (wanting - tenant.wants + 1)
  local isTheirs = turn - now <= short / 2 or (tenant.own - now <= short and turn - now <= 2 * short)
  if isTheirs then
    table.insert(answers, math.ceil(turn - now))
    turn = turn + step
    tenant.own, tenant.hasTurn = math.min(tenant.own, now + short) + pace, true
  else
    wanting, tenant.wants = wanting - tenant.wants + 1, 1
    tenant.row, tenant.lately = tenant.row + pace, math.max(5 * short, 4 * pace)
    table.insert(answers, -math.ceil(tenant.row - now))
  end
end
keep(KEYS[1], turn)
local longest = 0
for n, tenant in ipairs(tenants) do
  if tenant.hasTurn then keep(KEYS[2 * n + 1], tenant.own) end
  if tenant.lately then
    keep(KEYS[2 * n + 2], tenant.row)
    redis.call('ZADD', KEYS[2], now + tenant.lately, ARGV[n + 3])
    longest = math.max(longest, tenant.lately)
  end
end
if longest > 0 then redis.call('PEXPIRE', KEYS[2], math.ceil(longest) + 1) end
return answers
`

interface Asking {
  readonly tenant: string
  readonly resolve: (turn: Turn) => void
  readonly reject: (error: unknown) => void
}

/** Those who ask at the same moment ask together. Rejects at once while Redis is away. */
export function turns(redis: Redis, options: TurnsOptions): (tenant: string) => Promise<Turn> {
  let asking: Asking[] = []
  const ask = (): void => {
    const all = asking
    asking = []
    takeTurns(redis, options, all).catch((error: unknown) => {
      for (const { reject } of all) reject(error)
    })
  }
  return (tenant) =>
    new Promise((resolve, reject) => {
      if (asking.push({ tenant, resolve, reject }) === 1) setImmediate(ask)
    })
}

async function takeTurns(redis: Redis, { name, perMinute }: TurnsOptions, asking: readonly Asking[]): Promise<void> {
  if (redis.status !== 'ready') throw new Error('Redis is away, which says whose turn it is')
  const tenants = [...new Set(asking.map(({ tenant }) => tenant))]
  // Of one slot, wherever Redis is a cluster
  const keys = ['turn', 'tenants', ...tenants.flatMap((tenant) => [`own:${tenant}`, `row:${tenant}`])].map(
    (each) => `{${name}}:${each}`,
  )
  const numbers = new Map(tenants.map((tenant, at) => [tenant, at + 1]))
  const wanted = asking.map(({ tenant }) => numbers.get(tenant) ?? 0)
  const limits = [MINUTE / perMinute, SHORT, tenants.length]
  const answers = (await redis.eval(TAKE, keys.length, ...keys, ...limits, ...tenants, ...wanted)) as number[]
  for (const [at, { resolve }] of asking.entries()) {
    const answer = answers[at] ?? 0
    resolve({ isTheirs: answer >= 0, milliseconds: Math.abs(answer) })
  }
}
