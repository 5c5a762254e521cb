/** A MongoDB and a Redis of a program's own, as the gateway itself starts them, to be killed, frozen, emptied and copied. */
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Daemon } from '../../../src/embedded/daemon.ts'
import { REPLICA_SET, startEmbeddedMongodb } from '../../../src/embedded/mongodb.ts'
import { isAlive, identify } from '../../../src/embedded/process-identity.ts'
import { startEmbeddedRedis } from '../../../src/embedded/redis.ts'
import { initiateReplicaSet } from '../../../src/store/replica-set.ts'
import { pause } from './waiting.ts'

export interface Service {
  /** It stays the same over restarts. */
  readonly url: string
  /** With its data as they are; resolves when it serves. */
  start(): Promise<void>
  /** In order. */
  stop(): Promise<void>
  /** With -9. */
  kill(): Promise<void>
  /** Of its data folder, while it is stopped. */
  saveTo(folder: string): Promise<void>
  restoreFrom(folder: string): Promise<void>
}

type Starter = typeof startEmbeddedMongodb

export async function ownMongodb(dataDir: string): Promise<Service> {
  return service(startEmbeddedMongodb, dataDir, 'mongodb', (port) => initiateReplicaSet(port, REPLICA_SET))
}

export async function ownRedis(dataDir: string): Promise<Service> {
  return service(startEmbeddedRedis, dataDir, 'redis', (port) => Promise.resolve(`redis://127.0.0.1:${port}`))
}

async function service(
  starter: Starter,
  dataDir: string,
  folder: string,
  urlOf: (port: number) => Promise<string>,
): Promise<Service> {
  const { PATH: path = '', XDG_CACHE_HOME: cacheHome } = process.env
  const tell = (sentence: string): void => console.log(sentence)
  const launch = (): Promise<Daemon> => starter({ dataDir, where: { path, cacheHome }, tell })
  let daemon = await launch()
  const url = await urlOf(daemon.port)
  const data = join(dataDir, folder)
  return {
    url,
    async start() {
      daemon = await launch()
      if ((await urlOf(daemon.port)) !== url) throw new Error(`somebody else has taken the port of ${folder}`)
    },
    stop: () => daemon.stop(),
    async kill() {
      const identity = identify(daemon.pid)
      process.kill(daemon.pid, 'SIGKILL')
      while (identity && isAlive(identity)) await pause(5)
    },
    saveTo: (copy) => cp(data, join(dataDir, copy), { recursive: true }),
    async restoreFrom(copy) {
      await rm(data, { recursive: true })
      await cp(join(dataDir, copy), data, { recursive: true })
    },
  }
}
