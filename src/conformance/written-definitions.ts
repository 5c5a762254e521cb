/** The definitions that are kept by hand in `profiles/`, with the canonical base of this installation. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../kernel/errors.ts'
import type { Definition } from './canonical.ts'
import { WRITTEN_BASE } from './canonical.ts'

export function readWrittenDefinitions(folder: string, base: string): Definition[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => readDefinition(join(folder, name), base))
}

function readDefinition(file: string, base: string): Definition {
  const text = readFileSync(file, 'utf8').replaceAll(WRITTEN_BASE, base)
  let definition: Partial<Definition>
  try {
    definition = JSON.parse(text) as Partial<Definition>
  } catch {
    throw new StartError(`${file} is not JSON: mend it, or take it out of the folder.`)
  }
  const { resourceType, id, url } = definition
  if (resourceType !== undefined && id !== undefined && url !== undefined) return definition as Definition
  throw new StartError(`${file} is no definition: it needs a resourceType, an id and a url.`)
}
