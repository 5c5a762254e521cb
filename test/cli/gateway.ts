/** The programs as people start them, in processes of their own, on the services of the test run. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { MongoClient } from 'mongodb'
import { mongodbUri, redisUrl, uniqueName } from '../support/services.ts'

const root = resolve(import.meta.dirname, '../..')

export type Variables = Readonly<Record<string, string>>

/** Databases and a data folder of its own. */
export function ownVariables(): Variables {
  const systems = ['HMS', 'QIVR', 'HEALTHAPI', 'SOP']
  return {
    MONGODB_URI: mongodbUri(),
    REDIS_URL: redisUrl(),
    PORT: '0',
    ISTHMUS_AUTH: 'off',
    ISTHMUS_DATABASE: uniqueName('gateway'),
    ISTHMUS_DATA_DIR: mkdtempSync(join(tmpdir(), 'isthmus-data-')),
    LOG_LEVEL: 'error',
    ...Object.fromEntries(systems.map((system) => [`${system}_DATABASE`, uniqueName(system.toLowerCase())])),
  }
}

/** The databases that are its own. */
export async function dropOwn(client: MongoClient, variables: Variables): Promise<void> {
  const names = Object.keys(variables).filter((name) => name.endsWith('_DATABASE'))
  for (const name of names) await client.db(variables[name]).dropDatabase()
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** the first line of output that matches */
  line(pattern: RegExp): Promise<RegExpExecArray>
}

export function run(program: string, args: readonly string[], variables: Variables, cwd = root): Running {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(process.execPath, [join(root, 'src', program), ...args], {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (data: Buffer) => (texts.out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (texts.err += data.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...texts }))
  const line = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(texts.out)
      if (found) return found
      const end = await Promise.race([ended, once(child.stdout, 'data')])
      if ('code' in end) throw new Error(`${program} ended (${String(end.code)}): ${end.err}`)
    }
  }
  return { child, ended, line }
}

/**
 * As people stop it. One that is killed leaves its transactions open for a minute, and whoever drops its databases then waits
 * for them, as do other tests on the same MongoDB.
 */
export async function stop({ child, ended }: Running): Promise<void> {
  child.kill('SIGTERM')
  const killing = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(killing)
}

/** `input`: what comes on its standard input */
export async function isthmus(args: readonly string[], variables: Variables, input = ''): Promise<Ended> {
  const { child, ended } = run('cli/isthmus.ts', args, variables)
  // A command that reads nothing may have ended already
  child.stdin?.on('error', () => undefined).end(input)
  return ended
}
