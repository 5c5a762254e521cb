/** The services a command works with: those of the configuration, the embedded ones, or those of a running gateway. */
import type { Config } from '../config/config.ts'
import { startEmbeddedMongodb, REPLICA_SET } from '../embedded/mongodb.ts'
import { startEmbeddedRedis } from '../embedded/redis.ts'
import { claimDataDir, readServices, writeServices } from '../embedded/services.ts'
import { StartError } from '../kernel/errors.ts'
import { initiateReplicaSet } from '../store/connection.ts'

export interface RunningServices {
  readonly mongodbUri: string
  readonly redisUrl: string
  /** Makes the gateway's address known to commands. */
  announce(url: string): Promise<void>
  stop(): Promise<void>
}

/** Starts what is not configured. Progress goes to standard error. */
export async function startServices(config: Config): Promise<RunningServices> {
  await claimDataDir(config.dataDir)
  const options = {
    dataDir: config.dataDir,
    where: config.programs,
    tell: (sentence: string) => process.stderr.write(`${sentence}\n`),
  }
  const mongodb = config.mongodbUri === undefined ? await startEmbeddedMongodb(options) : undefined
  const redis = config.redisUrl === undefined ? await startEmbeddedRedis(options) : undefined
  const mongodbUri = config.mongodbUri ?? (await initiateReplicaSet(mongodb?.port ?? 0, REPLICA_SET))
  const redisUrl = config.redisUrl ?? `redis://127.0.0.1:${String(redis?.port ?? 0)}`
  const services = { gatewayPid: process.pid, mongodbUri, redisUrl }
  await writeServices(config.dataDir, services)
  return {
    mongodbUri,
    redisUrl,
    announce: (url) => writeServices(config.dataDir, { ...services, url }),
    stop: async () => {
      await Promise.all([redis?.stop(), mongodb?.stop()])
    },
  }
}

/** Where a running gateway's services are; for commands that need no gateway of their own. */
export async function findServices(config: Config): Promise<{ mongodbUri: string; redisUrl: string; url?: string }> {
  const running = await readServices(config.dataDir)
  const mongodbUri = config.mongodbUri ?? running?.mongodbUri
  const redisUrl = config.redisUrl ?? running?.redisUrl
  if (mongodbUri === undefined || redisUrl === undefined) {
    throw new StartError(
      `No gateway has run on ${config.dataDir}: start one with npm start, or set MONGODB_URI and REDIS_URL.`,
    )
  }
  return { mongodbUri, redisUrl, ...(running?.url !== undefined && { url: running.url }) }
}
