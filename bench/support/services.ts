/** Services of a measuring program's own, in a folder that goes with it, and the CPU time of their mongod. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServices } from '../../src/cli/services.ts'
import { readConfig } from '../../src/config/config.ts'
import { readServices } from '../../src/embedded/services.ts'
import { cpuTime } from './cpu-time.ts'

export interface BenchServices {
  readonly mongodbUri: string
  readonly redisUrl: string
  /** microseconds mongod has used */
  mongodCpu(): number
  stop(): Promise<void>
}

export async function startBenchServices(): Promise<BenchServices> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
  const { PATH, XDG_CACHE_HOME } = process.env
  const services = await startServices(readConfig({ PATH, XDG_CACHE_HOME, ISTHMUS_DATA_DIR: dataDir }, []))
  const mongod = readServices(dataDir)?.pids.mongodb ?? NaN
  return {
    mongodbUri: services.mongodbUri,
    redisUrl: services.redisUrl,
    mongodCpu: () => cpuTime([mongod]),
    async stop() {
      await services.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
