/**
 * A service process of our own: started detached (a Ctrl-C in the terminal is for the gateway, which stops it after
 * it has drained), remembered in a file, found again after the gateway was killed, stopped in order.
 */
import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../kernel/errors.ts'

/** What is remembered of it between starts. */
export interface DaemonRecord {
  readonly pid: number
  readonly port: number
}

export interface DaemonOptions {
  readonly name: string
  readonly program: string
  /** the command line for a port */
  parameters(port: number): readonly string[]
  /** where it is remembered */
  readonly record: string
  readonly logFile: string
}

export interface Daemon {
  readonly port: number
  stop(): Promise<void>
}

const START_LIMIT = 30_000
const STOP_LIMIT = 15_000

/** Takes up the one that runs already, or starts one; resolves when its port answers. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const known = await readRecord(options.record)
  if (known && (await isOurs(known, options)) && (await answers(known.port))) return daemonOf(known)
  if (known && (await isOurs(known, options))) await stop(known.pid)
  const port = known && !(await answers(known.port)) ? known.port : await freePort()
  const log = openSync(options.logFile, 'a')
  const child = spawn(options.program, options.parameters(port), { detached: true, stdio: ['ignore', log, log] })
  const failed = new Promise<never>((_resolve, reject) => {
    const fail = () => {
      reject(new StartError(`${options.name} did not start; ${options.logFile} says why.`))
    }
    child.once('error', fail).once('exit', fail)
  })
  failed.catch(() => undefined)
  if (child.pid === undefined) await failed
  const record = { pid: child.pid as number, port }
  await writeFile(options.record, JSON.stringify(record), { mode: 0o600 })
  await Promise.race([untilAnswering(port, options), failed])
  child.unref()
  return daemonOf(record)
}

function daemonOf({ pid, port }: DaemonRecord): Daemon {
  return { port, stop: () => stop(pid) }
}

async function readRecord(file: string): Promise<DaemonRecord | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as DaemonRecord
  } catch {
    return undefined
  }
}

/** A process id may since belong to another program: ours names the data folder on its command line. */
async function isOurs({ pid, port }: DaemonRecord, { parameters }: DaemonOptions): Promise<boolean> {
  if (!isAlive(pid)) return false
  try {
    const commandLine = (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')).split('\0')
    // redis-server rewrites its title to `redis-server 127.0.0.1:6379`
    return commandLine.some((word) => parameters(port).includes(word) || word.endsWith(`:${String(port)}`))
  } catch {
    return true
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

async function stop(pid: number): Promise<void> {
  for (const [signal, limit] of [
    ['SIGTERM', STOP_LIMIT],
    ['SIGKILL', STOP_LIMIT],
  ] as const) {
    if (!isAlive(pid)) return
    process.kill(pid, signal)
    const end = Date.now() + limit
    while (isAlive(pid) && Date.now() < end) await sleep(25)
  }
}

async function untilAnswering(port: number, { name, logFile }: DaemonOptions): Promise<void> {
  const end = Date.now() + START_LIMIT
  while (!(await answers(port))) {
    if (Date.now() > end) throw new StartError(`${name} did not answer in 30 s; ${logFile} says why.`)
    await sleep(25)
  }
}

export async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1000 })
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
    socket.once('timeout', () => done(false))
  })
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
