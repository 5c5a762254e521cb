/**
 * Leaves a channel alone that is away: after some failures in a row nothing is tried for a while, then one message is, and
 * the while grows as long as that fails. Messages that were refused say that it is there.
 */
import { LaterError, RefusedError } from '../outbound/failures.ts'

export interface Breaker {
  /** Throws a LaterError while the channel is left alone. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>
}

const FAILURES = 5
const FIRST = 5_000
const LONGEST = 10 * 60_000

export function breaker(now: () => number = Date.now): Breaker {
  let failures = 0
  let pause = 0
  /** nothing is tried before */
  let until = 0
  let isProbing = false
  const fail = (error: unknown): void => {
    failures++
    const asked = error instanceof LaterError ? error.retryAfter : undefined
    if (asked === undefined && failures < FAILURES) return
    pause = Math.min(LONGEST, pause === 0 ? FIRST : pause * 2)
    until = now() + (asked === undefined ? pause : asked * 1000)
  }
  const succeed = (): void => {
    failures = 0
    pause = 0
  }
  return {
    async run(work) {
      const left = until - now()
      // Those who are sent away come back one by one
      if (left > 0) throw away((left / 1000) * (1 + Math.random()))
      const isAlone = failures >= FAILURES
      if (isAlone && isProbing) throw away((FIRST / 1000) * (1 + Math.random()))
      isProbing = isAlone
      try {
        const result = await work()
        succeed()
        return result
      } catch (error) {
        if (error instanceof RefusedError) succeed()
        else fail(error)
        throw error
      } finally {
        if (isAlone) isProbing = false
      }
    },
  }
}

function away(seconds: number): LaterError {
  return new LaterError('the channel is away and left alone for a while', seconds)
}
