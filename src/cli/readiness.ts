/** Ready means: MongoDB answers, Redis answers, and the projection has caught up. */
import type { Plan } from '../projection/plan.ts'
import type { ProjectionState } from '../projection/status.ts'
import { projectionState } from '../projection/status.ts'
import type { Store } from '../store/collections.ts'

export interface ReadyState extends Readonly<Record<string, unknown>> {
  readonly ready: boolean
  readonly mongodb: boolean
  readonly redis: boolean
  readonly projection?: ProjectionState
}

export type Readiness = () => Promise<ReadyState>

/** A service that does not answer in this time does not answer. */
const PATIENCE = 2_000

export function readiness(store: Store, plan: Plan, redis: { ping(): Promise<unknown> }): Readiness {
  return async () => {
    const [projection, pong] = await Promise.all([inTime(projectionState(store, plan)), inTime(redis.ping())])
    const state = { mongodb: projection !== undefined, redis: pong !== undefined }
    return {
      ready: state.mongodb && state.redis && projection?.caughtUp === true,
      ...state,
      ...(projection && { projection }),
    }
  }
}

/** undefined when it failed or took too long */
async function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE)
  })
  try {
    return await Promise.race([answer.catch(() => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}
