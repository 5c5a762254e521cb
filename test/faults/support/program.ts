/** A gateway or a worker in a process of its own, watched as a service manager would: what ends by itself is started again. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { pause } from './waiting.ts'

const root = resolve(import.meta.dirname, '../../..')
const RESTART = 500

export interface Watched {
  readonly name: string
  /** Resolves when it says that it is ready. */
  start(): Promise<void>
  /** With -9, and not started again. */
  kill(): Promise<void>
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** of its process, while it runs */
  readonly pid: () => number
  /** how often it ended by itself */
  readonly ended: () => number
  /** all that it wrote */
  readonly text: () => string
}

export type Variables = Readonly<Record<string, string>>

const KINDS = {
  gateway: { args: ['src/main.ts'], ready: /^isthmus ready/m },
  worker: { args: ['src/cli/isthmus.ts', 'worker'], ready: /^isthmus worker ready/m },
} as const

export function watched(kind: keyof typeof KINDS, name: string, variables: Variables): Watched {
  const { args, ready } = KINDS[kind]
  let child: ChildProcess | undefined
  let [all, own, count] = ['', '', 0]
  let isWanted = false
  const launch = (): void => {
    own = ''
    const env = { ...process.env, NODE_OPTIONS: '', ...variables }
    const fresh = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [fresh.stdout, fresh.stderr]) stream.on('data', (data: Buffer) => (own += data.toString()))
    fresh.once('close', () => {
      all += own
      if (!isWanted) return
      count++
      setTimeout(() => isWanted && launch(), RESTART)
    })
    child = fresh
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    isWanted = false
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
    return child.exitCode
  }
  return {
    name,
    async start() {
      isWanted = true
      launch()
      while (!ready.test(own)) await pause(20)
    },
    async kill() {
      await end('SIGKILL')
    },
    stop: () => end('SIGTERM'),
    signal: (signal) => void child?.kill(signal),
    pid: () => child?.pid ?? 0,
    ended: () => count,
    text: () => all + own,
  }
}
