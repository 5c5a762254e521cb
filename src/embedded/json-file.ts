/** Small JSON files of the data folder: written whole or not at all, readable by their owner only. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Undefined when it is not there or not whole. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

export function writeJson(file: string, value: unknown): void {
  const fresh = `${file}.${String(process.pid)}`
  writeFileSync(fresh, JSON.stringify(value, null, 2), { mode: 0o600 })
  renameSync(fresh, file)
}
