/** The demo content of a system, by `system.collection`, as the gateway loads it. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { EJSON } from 'bson'
import type { Document } from 'bson'

export function demoRows(...systems: readonly string[]): Record<string, Document[]> {
  return Object.fromEntries(systems.flatMap((system) => filesOf(system)))
}

function filesOf(system: string): [string, Document[]][] {
  const folder = join('mappings', system, 'demo')
  return readdirSync(folder).map((file) => [
    `${system}.${basename(file, '.json')}`,
    EJSON.parse(readFileSync(join(folder, file), 'utf8')) as Document[],
  ])
}
