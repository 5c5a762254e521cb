/**
 * A service process of our own: started detached (a Ctrl-C in the terminal is for the gateway, which stops it after
 * it has drained), remembered in a file, found again after the gateway was killed, stopped in order.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../kernel/errors.ts'
import { readJson, writeJson } from './json-file.ts'
import { identify, isAlive } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** What is remembered of it between starts; the port stays the same as long as nobody else takes it. */
interface DaemonRecord extends ProcessIdentity {
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
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

/** mongod listens only after it has read its journal, which takes a while after a power cut. */
const START_LIMIT = 120_000
const ADOPT_LIMIT = 10_000
const STOP_LIMIT = 15_000
const PAUSE = 25

/** Takes up the one that runs already, or starts one; resolves when its port answers. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const known = readJson(options.record) as DaemonRecord | undefined
  if (known && isAlive(known)) {
    if (await answersWithin(known, ADOPT_LIMIT)) return daemonOf(known)
    await stop(known)
  }
  const record = launch(options, await freePort(known?.port))
  if (await answersWithin(record, START_LIMIT)) return daemonOf(record)
  await stop(record)
  throw didNotStart(options)
}

/** From the spawn to the record nothing is awaited: a gateway killed in between leaves no unknown process behind. */
function launch(options: DaemonOptions, port: number): DaemonRecord {
  const log = openSync(options.logFile, 'a', 0o600)
  const child = spawn(options.program, options.parameters(port), { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  // A program that cannot be run has no process id; that is what is looked at.
  child.on('error', () => undefined).unref()
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (!identity) throw didNotStart(options)
  const record = { ...identity, port }
  writeJson(options.record, record)
  return record
}

function daemonOf(record: DaemonRecord): Daemon {
  return { pid: record.pid, port: record.port, stop: () => stop(record) }
}

function didNotStart({ name, logFile }: DaemonOptions): StartError {
  return new StartError(`${name} did not start; ${logFile} says why.`)
}

async function stop(record: DaemonRecord): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isAlive(record)) return
    process.kill(record.pid, signal)
    const end = Date.now() + STOP_LIMIT
    while (isAlive(record) && Date.now() < end) await sleep(PAUSE)
  }
}

/** False when it ended, or when the time is over. */
async function answersWithin(record: DaemonRecord, limit: number): Promise<boolean> {
  const end = Date.now() + limit
  while (isAlive(record) && Date.now() < end) {
    if (await answers(record.port)) return true
    await sleep(PAUSE)
  }
  return false
}

async function answers(port: number): Promise<boolean> {
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

/** The port it had before when that is free, else any. */
async function freePort(preferred = 0): Promise<number> {
  return tryPort(preferred).catch(() => tryPort(0))
}

async function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as AddressInfo
      server.close(() => resolve(address.port))
    })
  })
}
