/**
 * Who fails too often waits: failures are counted over all gateways, and whoever must wait is remembered here, so that
 * who does not fail costs nothing.
 */
import type { RateLimit } from '../../store/rate-limit.ts'

export interface Brake {
  /** Seconds to wait. */
  wait(key: string): number | undefined
  failed(key: string): Promise<void>
}

const MOST = 10_000

export function brake(limit: RateLimit): Brake {
  const waiting = new Map<string, number>()
  return {
    wait(key) {
      const left = (waiting.get(key) ?? 0) - Date.now()
      if (left > 0) return Math.ceil(left / 1000)
      waiting.delete(key)
      return undefined
    },
    async failed(key) {
      const seconds = await limit.take(key)
      if (seconds === undefined) return
      if (waiting.size >= MOST) waiting.clear()
      waiting.set(key, Date.now() + seconds * 1000)
    },
  }
}
