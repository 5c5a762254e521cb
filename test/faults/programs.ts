/** Workers are frozen, told to stop one after the other, and MongoDB is killed, while reminders are sent (faults 25, 58, 6). */
import type { Troubled } from './support/sending.ts'
import { whileSending } from './support/sending.ts'
import { assertNoGaps, assertSentOnce, equal, messagesHeard } from './support/verdict.ts'
import { again, pause } from './support/waiting.ts'

const SOME = 80
/** Longer than a claim lives. */
const FROZEN = 65_000

/** Others send what it had claimed; when it wakes up it ends nothing any more. */
export async function frozen({ world, clinic }: Troubled): Promise<string[]> {
  const [one] = world.workers
  await whileSending({ world, clinic }, SOME, async () => {
    one.signal('SIGSTOP')
    await pause(FROZEN)
  })
  const meanwhile = await assertSentOnce(world, clinic)
  one.signal('SIGCONT')
  await pause(5_000)
  return [`25 while it is frozen: ${meanwhile}`, `25 awake again: ${await assertSentOnce(world, clinic)}`]
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
