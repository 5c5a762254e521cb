/** Reads the committed extracts of the R4 definitions (`extract.ts` writes them) once, when a module first asks. */
import { readFileSync } from 'node:fs'

export function readDefinitions(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./definitions/${name}.json`, import.meta.url), 'utf8'))
}
