/**
 * Work that only who projects can do, asked for by a command: a worker that runs does it; where none runs, the command
 * is the worker, until the work is done.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '../kernel/logger.ts'
import { registerProgram } from '../store/program.ts'
import { projectionState } from '../projection/status.ts'
import { ProjectionWorker } from '../projection/worker.ts'
import type { Store } from '../store/collections.ts'
import type { Writer } from '../store/writers.ts'
import type { Context } from './context.ts'
import { servedDefinitions } from './definitions.ts'
import { planFor } from './sources.ts'

const TICK = 250

/** Waits until `isDone`. */
export async function whileProjecting(context: Context, store: Store, isDone: () => Promise<boolean>): Promise<void> {
  const plan = planFor(context)
  const worker = new ProjectionWorker({
    ...{ store, plan, log: createLogger('silent') },
    definitions: servedDefinitions(context),
  })
  let writer: Writer | undefined
  try {
    while (!(await isDone())) {
      // A worker elsewhere has the lease and does it; this one takes over should that one end
      if (!(await projectionState(store, plan)).projecting) {
        writer ??= await registerProgram(store, context.config.limits)
        worker.start()
      }
      await sleep(TICK)
    }
  } finally {
    await worker.stop()
    await writer?.stop()
  }
}
