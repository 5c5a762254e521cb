/** Redis is restarted, emptied, away, full, or read-only, while reminders are sent (faults 20 to 24). */
import { Redis } from 'ioredis'
import { countOwed } from '../../src/store/owed.ts'
import type { Troubled } from './support/sending.ts'
import { whileSending } from './support/sending.ts'
import { assertSentOnce, equal } from './support/verdict.ts'
import { pause, until } from './support/waiting.ts'
import type { World } from './support/world.ts'

const SOME = 60
const FEW = 10
const KIND = 'appointment-reminders'

async function restarted({ world, clinic }: Troubled): Promise<string> {
  await whileSending({ world, clinic }, SOME, async () => {
    await world.redis.stop()
    await world.redis.start()
    await pause(200)
    await world.redis.kill()
    await world.redis.start()
  })
  return `20 restarted and killed: ${await assertSentOnce(world, clinic)}`
}

async function emptied({ world, clinic }: Troubled): Promise<string> {
  await whileSending({ world, clinic }, SOME, async () => {
    for (let times = 0; times < 3; times++) {
      await withRedis(world, (redis) => redis.flushall())
      await pause(300)
    }
  })
  return `21 emptied three times: ${await assertSentOnce(world, clinic)}`
}

/** What is written then is answered as ever, and what is owed is seen to be overdue. */
async function away({ world, clinic }: Troubled): Promise<string> {
  await world.redis.stop()
  await clinic.bookOverFhir(FEW)
  const planned = async (): Promise<boolean> => (await world.store.owed.countDocuments()) >= clinic.booked.length
  await until('what is booked is planned without Redis', planned)
  await clinic.hurry(-120_000)
  equal('overdue', (await countOwed(world.store))[KIND]?.overdue, FEW)
  await world.redis.start()
  return `22 away: ${FEW} booked over FHIR meanwhile; ${await assertSentOnce(world, clinic)}`
}

const WARNING = 'what is due cannot be put into the queue at the moment'

/** A memory of a byte refuses whatever would need more; what is owed stays where it is. */
async function full({ world, clinic }: Troubled): Promise<string> {
  await clinic.book(FEW)
  await withRedis(world, (redis) => redis.config('SET', 'maxmemory', '1'))
  await until(
    'what is booked is planned',
    async () => (await world.store.owed.countDocuments()) >= clinic.booked.length,
  )
  await clinic.hurry()
  const programs = [world.gateway, ...world.workers]
  await until('it is warned', () => programs.some((each) => each.text().includes(WARNING)))
  equal('owed meanwhile', await world.store.owed.countDocuments({ state: { $in: ['owed', 'sending'] } }), FEW)
  await withRedis(world, (redis) => redis.config('SET', 'maxmemory', '0'))
  return `23 full: ${await assertSentOnce(world, clinic)}`
}

/** As while a failover is not over: it follows a master that is not there, and refuses every write. */
async function readOnly({ world, clinic }: Troubled): Promise<string> {
  await whileSending({ world, clinic }, SOME, async () => {
    await withRedis(world, (redis) => redis.replicaof('127.0.0.1', 1))
    await pause(5_000)
    await withRedis(world, (redis) => redis.replicaof('NO', 'ONE'))
  })
  return `24 read-only: ${await assertSentOnce(world, clinic)}`
}

async function withRedis(world: World, work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(world.redis.url)
  try {
    await work(redis)
  } finally {
    redis.disconnect()
  }
}

export async function redisInTrouble(troubled: Troubled): Promise<string[]> {
  const found: string[] = []
  for (const trouble of [restarted, emptied, away, full, readOnly]) found.push(await trouble(troubled))
  const { gateway, workers } = troubled.world
  equal(
    'programs that ended',
    [gateway, ...workers].reduce((sum, each) => sum + each.ended(), 0),
    0,
  )
  return found
}
