/** The services a command works with: those of the configuration, the embedded ones, or those of a running gateway. */
import type { Config } from '../config/config.ts'
import type { Daemon } from '../embedded/daemon.ts'
import { startEmbeddedMongodb, REPLICA_SET } from '../embedded/mongodb.ts'
import { startEmbeddedRedis } from '../embedded/redis.ts'
import { claimDataDir, readServices, releaseDataDir, writeServices } from '../embedded/services.ts'
import { StartError } from '../kernel/errors.ts'
import { initiateReplicaSet } from '../store/replica-set.ts'

export interface RunningServices {
  readonly mongodbUri: string
  readonly redisUrl: string
  /** Makes the gateway's address known to commands. */
  announce(url: string): void
  stop(): Promise<void>
}

/** Starts what is not configured, or nothing at all when one of it fails. Progress goes to standard error. */
export async function startServices(config: Config): Promise<RunningServices> {
  const { mongodbUri, redisUrl } = config
  if (mongodbUri !== undefined && redisUrl !== undefined) {
    return { mongodbUri, redisUrl, announce: () => undefined, stop: () => Promise.resolve() }
  }
  claimDataDir(config.dataDir)
  const daemons: Daemon[] = []
  const stop = async () => {
    await Promise.all(daemons.map((daemon) => daemon.stop()))
    releaseDataDir(config.dataDir)
  }
  try {
    return { ...(await startMissing(config, daemons)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startMissing(config: Config, daemons: Daemon[]): Promise<Omit<RunningServices, 'stop'>> {
  const { dataDir } = config
  const tell = (sentence: string) => process.stderr.write(`${sentence}\n`)
  const start = async (starter: typeof startEmbeddedMongodb): Promise<Daemon> => {
    const daemon = await starter({ dataDir, where: config.programs, tell })
    daemons.push(daemon)
    return daemon
  }
  const mongodb = config.mongodbUri === undefined ? await start(startEmbeddedMongodb) : undefined
  const redis = config.redisUrl === undefined ? await start(startEmbeddedRedis) : undefined
  const services = {
    gatewayPid: process.pid,
    pids: { mongodb: mongodb?.pid, redis: redis?.pid },
    mongodbUri: config.mongodbUri ?? (await initiateReplicaSet(mongodb?.port ?? 0, REPLICA_SET)),
    redisUrl: config.redisUrl ?? `redis://127.0.0.1:${String(redis?.port ?? 0)}`,
  }
  writeServices(dataDir, services)
  const announce = (url: string) => writeServices(dataDir, { ...services, url })
  return { mongodbUri: services.mongodbUri, redisUrl: services.redisUrl, announce }
}

/** Where a running gateway's services are; for commands that need no gateway of their own. */
export function findServices(config: Config): { mongodbUri: string; redisUrl: string; url?: string } {
  const running = readServices(config.dataDir)
  const mongodbUri = config.mongodbUri ?? running?.mongodbUri
  const redisUrl = config.redisUrl ?? running?.redisUrl
  if (mongodbUri === undefined || redisUrl === undefined) {
    throw new StartError(
      `No gateway runs on ${config.dataDir}: start one with npm start, or set MONGODB_URI and REDIS_URL.`,
    )
  }
  return { mongodbUri, redisUrl, ...(running?.url !== undefined && { url: running.url }) }
}

/** Where people and programs reach the gateway: the configured address, else that of the one that runs. */
export function publicOrigin(config: Config): string {
  const url = config.publicUrl ?? findServices(config).url
  if (url !== undefined) return url
  if (config.port !== 0) return `http://${config.host}:${config.port}`
  throw new StartError('Say in PUBLIC_URL under which address clients reach the gateway.')
}
