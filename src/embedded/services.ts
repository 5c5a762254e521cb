/**
 * What a running gateway leaves in its data folder: `services.json`, where its services are, so that every command
 * finds them; and `gateway.lock`, so that a second gateway on the same folder is refused.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../kernel/errors.ts'
import { readJson, writeJson } from './json-file.ts'
import { identify, isAlive } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

export interface Services {
  readonly gatewayPid: number
  /** of the embedded services */
  readonly pids: { readonly mongodb: number | undefined; readonly redis: number | undefined }
  readonly mongodbUri: string
  readonly redisUrl: string
  readonly url?: string
}

const fileOf = (dataDir: string) => join(dataDir, 'services.json')
const lockOf = (dataDir: string) => join(dataDir, 'gateway.lock')

export function readServices(dataDir: string): Services | undefined {
  return readJson(fileOf(dataDir)) as Services | undefined
}

export function writeServices(dataDir: string, services: Services): void {
  writeJson(fileOf(dataDir), services)
}

/** Throws StartError when another gateway runs on this folder; what a killed one left is taken over. */
export function claimDataDir(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const lock = lockOf(dataDir)
  const owner = readJson(lock) as ProcessIdentity | undefined
  if (owner && isAlive(owner)) throw inUse(dataDir, owner.pid)
  rmSync(lock, { force: true })
  try {
    writeFileSync(lock, JSON.stringify(identify(process.pid)), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    // two started in the same moment: the file is the other one's
    if ((error as { code?: string }).code === 'EEXIST')
      throw inUse(dataDir, (readJson(lock) as ProcessIdentity | undefined)?.pid)
    throw error
  }
}

export function releaseDataDir(dataDir: string): void {
  rmSync(fileOf(dataDir), { force: true })
  rmSync(lockOf(dataDir), { force: true })
}

function inUse(dataDir: string, pid: number | undefined): StartError {
  const other = pid === undefined ? 'Another gateway' : `Another gateway (process ${String(pid)})`
  return new StartError(`${other} runs on ${dataDir}: stop it, or set ISTHMUS_DATA_DIR to another folder.`)
}
