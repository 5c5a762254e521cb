/**
 * `<data folder>/services.json`: where the services of a running gateway are, so that every command finds them; and
 * the gateway's own process, so that a second one on the same folder is refused.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../kernel/errors.ts'
import { isAlive } from './daemon.ts'

export interface Services {
  readonly gatewayPid: number
  readonly mongodbUri: string
  readonly redisUrl: string
  readonly url?: string
}

export async function readServices(dataDir: string): Promise<Services | undefined> {
  try {
    return JSON.parse(await readFile(join(dataDir, 'services.json'), 'utf8')) as Services
  } catch {
    return undefined
  }
}

export async function writeServices(dataDir: string, services: Services): Promise<void> {
  const file = join(dataDir, 'services.json')
  const fresh = `${file}.${String(process.pid)}`
  await writeFile(fresh, JSON.stringify(services, null, 2), { mode: 0o600 })
  await rename(fresh, file)
}

/** Throws StartError when another gateway runs on this folder. */
export async function claimDataDir(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  const pid = (await readServices(dataDir))?.gatewayPid
  if (pid === undefined || pid === process.pid || !isAlive(pid) || !(await looksLikeGateway(pid))) return
  throw new StartError(
    `Another gateway (process ${String(pid)}) runs on ${dataDir}: stop it, or set ISTHMUS_DATA_DIR to another folder.`,
  )
}

/** A process id is given again after a restart of the machine: where /proc tells, it must be a Node program. */
async function looksLikeGateway(pid: number): Promise<boolean> {
  try {
    return (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8')).includes('node')
  } catch {
    return process.platform !== 'linux'
  }
}
