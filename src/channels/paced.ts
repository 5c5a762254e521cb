/**
 * A channel that is not sent more than its limit: who would be too much waits a moment, or comes back when it is time. What
 * is somebody else's to send by then does not go out.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { LaterError } from '../outbound/failures.ts'
import type { Breaker } from './breaker.ts'
import type { Channel } from './channel.ts'

/** Theirs after some milliseconds, or to be asked for again then. */
export type TakeTurn = (tenant: string) => Promise<{ readonly isTheirs: boolean; readonly milliseconds: number }>

export interface Pace {
  readonly turn: TakeTurn
  readonly breaker: Breaker
}

export function paced(channel: Channel, { turn, breaker }: Pace): Channel {
  return {
    code: channel.code,
    async send(message, signal) {
      const { isTheirs, milliseconds } = await turn(message.tenant ?? 'default')
      if (!isTheirs) throw new LaterError(`as many ${channel.code} messages go out as may`, milliseconds / 1000)
      if (milliseconds > 0) await sleep(milliseconds, undefined, { signal })
      if (message.isOurs?.() === false) throw new LaterError('it was held for too long to be sent now', 0)
      await breaker.run(() => channel.send(message, signal))
    },
  }
}
