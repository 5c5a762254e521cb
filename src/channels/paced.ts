/**
 * A channel that is not sent more than its limit: who would be too much waits a moment, or comes back when it is time. What
 * is somebody else's to send by then does not go out.
 *
 * So many are under way at once; the others wait for their turn here, where no clock runs: to one that is slow they would
 * give up before they were asked, and it would be taken for one that is away.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import PQueue from 'p-queue'
import { timeLimited } from '../kernel/time-limit.ts'
import { LaterError } from '../outbound/failures.ts'
import type { Breaker } from './breaker.ts'
import type { Channel } from './channel.ts'

/** Theirs after some milliseconds, or to be asked for again then. */
export type TakeTurn = (tenant: string) => Promise<{ readonly isTheirs: boolean; readonly milliseconds: number }>

export interface Pace {
  readonly turn: TakeTurn
  readonly breaker: Breaker
}

/** As many connections as there are to a provider (src/cli/channels.ts). */
export const AT_ONCE = 16
/** Milliseconds, from its turn on: by then it was answered or given up. */
export const PATIENCE = 30_000

export function paced(channel: Channel, { turn, breaker }: Pace): Channel {
  const underWay = new PQueue({ concurrency: AT_ONCE })
  return {
    code: channel.code,
    async send(message, signal) {
      const { isTheirs, milliseconds } = await turn(message.tenant ?? 'default')
      if (!isTheirs) throw new LaterError(`as many ${channel.code} messages go out as may`, milliseconds / 1000)
      if (milliseconds > 0) await sleep(milliseconds, undefined, signal && { signal })
      await underWay.add(async () => {
        if (message.isOurs?.() === false) throw new LaterError('it was held for too long to be sent now', 0)
        await breaker.run(() => timeLimited(PATIENCE, (limit) => channel.send(message, limit), signal))
      })
    },
  }
}
