/** Work that is done again and again, whatever becomes of it, until it is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises'

export interface Pace {
  readonly signal: AbortSignal
  /** milliseconds between two turns, and after one that failed */
  readonly pause: number
  readonly retry: number
  /** Told once until it succeeds again. */
  readonly failed: (error: unknown) => void
}

export async function steadily(work: () => Promise<void>, { signal, pause, retry, failed }: Pace): Promise<void> {
  let isFailing = false
  while (!signal.aborted) {
    try {
      await work()
      isFailing = false
    } catch (error) {
      if (!isFailing) failed(error)
      isFailing = true
    }
    await sleep(isFailing ? retry : pause, undefined, { signal }).catch(() => undefined)
  }
}
