/** The probes of `isthmus worker`, where a port for them is named. */
import { listen } from '../http/server.ts'
import { probesAlone } from '../http/probes.ts'
import type { Config } from '../config/config.ts'
import { StartError } from '../kernel/errors.ts'
import type { Plan } from '../projection/plan.ts'
import { connectRedis } from '../queue/connection.ts'
import type { Store } from '../store/collections.ts'
import { readiness } from './readiness.ts'

export interface WorkerProbes {
  readonly store: Store
  readonly redisUrl: string
  readonly plan: () => Plan
}

/** Gives how they are ended, and says where they are. */
export async function openProbes(
  { probes, limits }: Pick<Config, 'probes' | 'limits'>,
  { store, redisUrl, plan }: WorkerProbes,
): Promise<() => Promise<void>> {
  if (!probes) return () => Promise.resolve()
  const { host } = probes
  const redis = await connectRedis(redisUrl)
  const app = probesAlone(() => readiness(store, plan(), redis)())
  const listening = await listen(app, host, probes.port, limits).catch((cause: unknown) => {
    redis.disconnect()
    const names = 'ISTHMUS_WORKER_HOST and ISTHMUS_WORKER_PORT'
    throw new StartError(`The worker cannot listen on ${host}:${probes.port}; check ${names}.`, { cause })
  })
  process.stdout.write(
    `Probes: http://${host.includes(':') ? `[${host}]` : host}:${listening.port}/health/ready, /metrics\n`,
  )
  return async () => {
    await listening.close()
    redis.disconnect()
  }
}
