/** The gateway in a process of its own, on given services, as `npm start` runs it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchServices } from './services.ts'

export interface BenchGateway {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

export async function startGateway({ mongodbUri, redisUrl }: BenchServices): Promise<BenchGateway> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/main.ts')], {
    env: {
      ...process.env,
      MONGODB_URI: mongodbUri,
      REDIS_URL: redisUrl,
      ISTHMUS_AUTH: 'off',
      ISTHMUS_DATA_DIR: dataDir,
      PORT: '0',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (data: Buffer) => (text += data.toString()))
  for (;;) {
    const [, url] = /^isthmus ready (\S+)$/m.exec(text) ?? []
    if (url !== undefined && child.pid !== undefined) return { url, pid: child.pid, stop: () => stop() }
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error(`The gateway ended with ${child.exitCode}.`)
  }

  async function stop(): Promise<void> {
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
    await rm(dataDir, { recursive: true, force: true })
  }
}
