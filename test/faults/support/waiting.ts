/** Waiting for what a gateway does by itself, never for longer than it may take. */
import { setTimeout as sleep } from 'node:timers/promises'

export const pause = (milliseconds: number): Promise<void> => sleep(milliseconds)

const TICK = 50

/** What it throws, since MongoDB is away at the moment, is "not yet". */
export async function until(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  seconds = 120,
  tick = TICK,
): Promise<void> {
  const end = performance.now() + seconds * 1_000
  let last: unknown = 'it is not so'
  while (performance.now() < end) {
    try {
      if (await isSo()) return
      last = 'it is not so'
    } catch (error) {
      last = error
    }
    await sleep(tick)
  }
  throw new Error(`${what}: not within ${seconds} s`, { cause: last })
}

/** Tried again until it succeeds, as a client does that must not lose it. */
export async function again<T>(work: () => Promise<T>, seconds = 900): Promise<T> {
  const end = performance.now() + seconds * 1_000
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (performance.now() > end) throw error
      await sleep(4 * TICK)
    }
  }
}
