/** The version of a mapping: a hash of all that what it gives, and takes, follows from besides the rows. */
import { hash } from 'node:crypto'
import type { Scope, Target } from './scope.ts'

export function versionOf({ file, tables, columns, system }: Scope, targets: readonly Target[]): string {
  const { 'id-prefix': prefix, keys, tenant, timestamps } = system
  const starts = targets.map(({ start, keyParts, identifierSystem }) => [start, keyParts, identifierSystem])
  const facts = [file.text, tables, columns, prefix, keys, tenant, timestamps, starts]
  return hash('sha256', JSON.stringify(facts, mapsAsLists)).slice(0, 16)
}

function mapsAsLists(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...(value as Map<string, unknown>)] : value
}
