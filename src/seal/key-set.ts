/** Files of keys: a JSON key set each (RFC 7517 section 5), of which the first key makes what is new. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartError } from '../kernel/errors.ts'

export interface KeySet<Key> {
  readonly keys: readonly Key[]
}

/** Of a gateway with services of its own: made once, readable by its user only. */
export function keepKeySet(file: string, make: () => KeySet<object>): void {
  if (existsSync(file)) return
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(make()), { mode: 0o600 })
}

/** The keys in it, one at least; what each must be is for who asks. Throws a StartError that names the variable. */
export function readKeySet<Key extends object>(variable: string, file: string): Key[] {
  let keys: unknown
  try {
    keys = (JSON.parse(readFileSync(file, 'utf8')) as { keys?: unknown } | null)?.keys
  } catch {
    throw unusableKeys(variable, file, 'it cannot be read as JSON')
  }
  const isList = Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === 'object' && key !== null)
  if (!isList) throw unusableKeys(variable, file, 'it holds no keys')
  return keys as Key[]
}

export function unusableKeys(variable: string, file: string, why: string): StartError {
  return new StartError(`${variable} names ${file}, but ${why}: write a key set with "isthmus init".`)
}
