/** Workers are frozen, told to stop one after the other, and MongoDB is killed, while reminders are sent (faults 25, 58, 6). */
import type { Watched } from './support/program.ts'
import type { Troubled } from './support/sending.ts'
import { booked, whileSending } from './support/sending.ts'
import { assertNoGaps, assertSentOnce, equal, messagesHeard } from './support/verdict.ts'
import { again, pause, until } from './support/waiting.ts'

const SOME = 80
const MANY = 400
const SEVERAL = 16
/** Longer than a claim lives. */
const FROZEN = 65_000
/** Connections to a mail server and to a provider of SMS: what is on them cannot be called back. */
const ON_ITS_WAY = 5 + 16

/** Others send what they had claimed; awake again they end nothing any more, and send nothing that they had not begun. */
export async function frozen({ world, clinic }: Troubled): Promise<string[]> {
  const holds = async (each: Watched): Promise<number> => {
    const taken = await world.store.handouts.distinct('_id', { owner: new RegExp(` ${each.pid()} `) })
    return world.store.owed.countDocuments({ state: 'sending', handout: { $in: taken } })
  }
  const freeze = async (each: Watched, after: number): Promise<number> => {
    await until('it has claimed some', async () => (await holds(each)) >= SEVERAL, 60, 1)
    await pause(after)
    each.signal('SIGSTOP')
    return holds(each)
  }
  await booked({ world, clinic }, MANY)
  await clinic.hurry()
  // In the midst of what comes before a message goes out
  const [one, other] = world.workers
  const held = await Promise.all([freeze(one, 20), freeze(other, 50)])
  await pause(FROZEN)
  const meanwhile = await assertSentOnce(world, clinic)
  const before = messagesHeard(world)
  for (const each of world.workers) each.signal('SIGCONT')
  await pause(5_000)
  const woken = messagesHeard(world) - before
  const awake = `awake again they send ${woken} of the ${held.join(' and ')} that they held: ${await assertSentOnce(world, clinic)}`
  if (woken > ON_ITS_WAY) throw new Error(`25 ${awake}`)
  return [`25 while they are frozen: ${meanwhile}`, `25 ${awake}`]
}

/** Each finishes what it has in hand: nothing is sent twice, not even under the same id. */
export async function rolled({ world, clinic }: Troubled): Promise<string[]> {
  const before = messagesHeard(world)
  const seconds: string[] = []
  await whileSending({ world, clinic }, SOME, async () => {
    for (const each of [...world.workers, world.gateway]) {
      const begin = performance.now()
      equal(`exit code of ${each.name}`, await each.stop(), 0)
      seconds.push(((performance.now() - begin) / 1_000).toFixed(1))
      await each.start()
    }
  })
  const found = await assertSentOnce(world, clinic)
  equal('messages that were sent', messagesHeard(world) - before, SOME)
  return [`58 told to stop one after the other (${seconds.join(', ')} s): ${found}`]
}

export async function mongodbKilled({ world, clinic, subscription }: Troubled): Promise<string[]> {
  await whileSending({ world, clinic }, SOME, async () => {
    for (let times = 0; times < 3; times++) {
      const flagging = clinic.flag(5)
      await world.mongodb.kill()
      await pause(500)
      await world.mongodb.start()
      await flagging
      await again(() => clinic.hurry())
    }
  })
  const sent = await assertSentOnce(world, clinic)
  return [`6 MongoDB killed three times: ${sent}`, await assertNoGaps(world, clinic, subscription)]
}
