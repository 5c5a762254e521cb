/**
 * Random kills: workers, gateway, MongoDB and Redis are killed with -9 at random moments while a clinic books, an EHR books
 * and flags patients, and reminders fall due. The seed is printed: `FAULTS_SEED` repeats the order of kills, `FAULTS_KILLS`
 * says how many.
 */
import { randomInt } from 'node:crypto'
import type { Clinic } from './support/clinic.ts'
import type { Troubled } from './support/sending.ts'
import { assertNoGaps, assertSentOnce } from './support/verdict.ts'
import { again, pause } from './support/waiting.ts'
import type { World } from './support/world.ts'

const KILLS = Number(process.env['FAULTS_KILLS'] ?? 200)
/** After them no more are killed, on a machine that starts programs slowly. */
const MINUTES = Number(process.env['FAULTS_MINUTES'] ?? 60)
const SEED = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 31))
/** Milliseconds between a restart and the next kill, at most. */
const PEACE = 3_000
const AWAY = 1_000
/** On a slow machine less is booked. */
const MOST_OWED = 100

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Victim {
  readonly name: string
  kill(): Promise<void>
  start(): Promise<void>
}

/** In a hundred: workers 54, the gateway 6, MongoDB 20, Redis 20. */
function victims({ workers: [one, other], gateway, mongodb, redis }: World): (random: number) => Victim {
  const shares: [number, Victim][] = [
    [0.27, one],
    [0.54, other],
    [0.6, gateway],
    [0.8, { ...mongodb, name: 'MongoDB' }],
    [1, { ...redis, name: 'Redis' }],
  ]
  return (random) => shares.find(([share]) => random < share)?.[1] ?? one
}

export async function randomKills({ world, clinic, subscription }: Troubled): Promise<string[]> {
  console.log(`  ${KILLS} kills, seed ${SEED}`)
  const random = randomFrom(SEED)
  let isLiving = true
  const isBusy = async (): Promise<boolean> => {
    const sent = await again(() => world.store.owed.countDocuments({ state: 'sent' }))
    return clinic.booked.length - sent > MOST_OWED
  }
  const life = Promise.all(
    [
      async () => {
        if (!(await isBusy())) await clinic.book(2)
      },
      async () => {
        if (!(await isBusy())) await clinic.bookOverFhir(1)
      },
      () => clinic.flag(1),
      () => again(() => clinic.hurry()),
    ].map(async (work) => {
      while (isLiving) {
        await pause(400)
        await work()
      }
    }),
  )
  life.catch(() => undefined)
  const [counts, begin] = [new Map<string, number>(), performance.now()]
  const victimFor = victims(world)
  const isOver = (): boolean => performance.now() - begin > MINUTES * 60_000
  for (let kills = 0; kills < KILLS && !isOver(); kills++) {
    await pause(random() * PEACE)
    const victim = victimFor(random())
    await victim.kill()
    counts.set(victim.name, (counts.get(victim.name) ?? 0) + 1)
    await pause(random() * AWAY)
    await victim.start()
    if (kills % 10 === 9) say(kills + 1, begin, clinic)
  }
  isLiving = false
  await life
  const programs = [world.gateway, ...world.workers]
  return [
    `killed: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}`,
    `ended by themselves and started again: ${programs.map((each) => `${each.name} ${each.ended()}`).join(', ')}`,
    await assertSentOnce(world, clinic, 300),
    await assertNoGaps(world, clinic, subscription),
  ]
}

function say(kills: number, begin: number, { booked, flags }: Clinic): void {
  const seconds = ((performance.now() - begin) / 1_000).toFixed(0)
  console.log(`  ${kills} kills in ${seconds} s, ${booked.length} booked, ${flags.length} flags`)
}
