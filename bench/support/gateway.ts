/** The gateway, or its worker, in a process of its own on given services. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchServices } from './services.ts'
import { benchSeals, keyFile } from './seals.ts'

export interface BenchProcess {
  readonly pid: number
  /** bytes of memory it had at most */
  mostMemory(): number
  stop(): Promise<void>
}

export interface BenchGateway extends BenchProcess {
  readonly url: string
}

export async function startGateway(services: BenchServices, variables: Variables = {}): Promise<BenchGateway> {
  const { found, ...running } = await start('main.ts', [], services, /^isthmus ready (\S+)$/m, variables)
  return { ...running, url: found[1] ?? '' }
}

/** The projection alone; back at the moment it begins. */
export async function startWorker(services: BenchServices, variables: Variables): Promise<BenchProcess> {
  return start('cli/isthmus.ts', ['worker'], services, /^isthmus worker ready$/m, variables)
}

type Variables = Readonly<Record<string, string>>

async function start(
  program: string,
  args: readonly string[],
  { mongodbUri, redisUrl }: BenchServices,
  ready: RegExp,
  variables: Variables,
): Promise<BenchProcess & { readonly found: RegExpExecArray }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
  await benchSeals()
  const own = {
    MONGODB_URI: mongodbUri,
    REDIS_URL: redisUrl,
    ISTHMUS_AUTH: 'off',
    ISTHMUS_DATA_DIR: dataDir,
    ISTHMUS_ENCRYPTION_KEYS: keyFile,
  }
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src', program), ...args], {
    env: { ...process.env, ...own, PORT: '0', LOG_LEVEL: 'warn', ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (data: Buffer) => (text += data.toString()))
  const pid = child.pid ?? NaN
  const stop = async (): Promise<void> => {
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
    await rm(dataDir, { recursive: true, force: true })
  }
  for (;;) {
    const found = ready.exec(text)
    if (found) return { found, pid, mostMemory: () => mostMemory(pid), stop }
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}.`)
  }
}

/** proc(5): the peak of the resident set */
function mostMemory(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}
