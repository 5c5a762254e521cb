/**
 * Finds the program of an embedded service, or fetches it once into a per-user cache: on PATH, in the cache, then
 * one means after the other. However it came, it is only used when it runs; it is put into the cache by a rename, so
 * that several gateways may fetch at once and half a download is never kept.
 */
import { execFile } from 'node:child_process'
import { access, chmod, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../kernel/errors.ts'

const run = promisify(execFile)

/** Says what is going on while something is fetched. */
export type Tell = (sentence: string) => void

/** One means of getting a program: gives its path, in `folder` or where it was installed; throws when it cannot. */
export interface Means {
  readonly what: string
  fetch(folder: string): Promise<string>
}

export interface Program {
  /** names on PATH, such as redis-server and valkey-server */
  readonly names: readonly [string, ...string[]]
  readonly means: readonly Means[]
  /** what to do when nothing worked */
  readonly wayOut: string
}

export interface Where {
  readonly path: string
  readonly cacheHome?: string | undefined
}

/** The path of a program that runs. Throws StartError with the way out when there is none. */
export async function findProgram(program: Program, where: Where, tell: Tell): Promise<string> {
  const [name] = program.names
  const cache = join(where.cacheHome ?? join(homedir(), '.cache'), 'isthmus')
  const cached = join(cache, `${name}-${process.platform}-${process.arch}`)
  const folders = where.path.split(delimiter).filter((folder) => folder !== '')
  const onPath = program.names.flatMap((each) => folders.map((folder) => join(folder, each)))
  for (const file of [...onPath, cached]) {
    if (await runs(file)) return file
  }
  for (const means of program.means) {
    tell(`fetching ${name} ${means.what}`)
    try {
      return await fetchBy(means, cache, cached)
    } catch (error) {
      tell(`  not possible: ${lastLine(error)}`)
    }
  }
  throw new StartError(program.wayOut)
}

async function fetchBy(means: Means, cache: string, cached: string): Promise<string> {
  await mkdir(cache, { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(cache, 'fetching-'))
  try {
    const fetched = await means.fetch(folder)
    const isFresh = fetched.startsWith(folder)
    if (isFresh) await chmod(fetched, 0o755)
    if (!(await runs(fetched))) throw new Error('what came does not run on this machine')
    if (!isFresh) return fetched
    await rename(fetched, cached)
    return cached
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runs(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    await run(file, ['--version'], { timeout: 20_000 })
    return true
  } catch {
    return false
  }
}

function lastLine(error: unknown): string {
  const { stderr, message, cause } = error as { stderr?: string; message: string; cause?: { message?: string } }
  const text = stderr?.trim() || (cause?.message ? `${message}: ${cause.message}` : message)
  return (text.split('\n').at(-1) ?? '').slice(0, 200)
}

/** Debian's own package, when this process may install one. */
export function debianPackage(packageName: string, program: string): Means {
  return {
    what: `as Debian's package ${packageName}`,
    fetch: async () => {
      if (process.getuid?.() !== 0) throw new Error('only root may install packages')
      await access('/etc/debian_version')
      await run('apt-get', ['install', '-y', '--no-install-recommends', packageName], { timeout: 120_000 })
      return program
    },
  }
}
