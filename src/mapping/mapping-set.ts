/** The files of a mappings folder as one thing with a hash: what is kept of every set that was ever active. */
import { hash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface MappingSet {
  /** of all paths and texts */
  readonly hash: string
  readonly files: readonly { readonly path: string; readonly text: string }[]
}

/** Examples and demo content say nothing of how rows are read. */
export function readMappingSet(folder: string): MappingSet {
  const systems = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'system.yaml')))
    .map(({ name }) => name)
  const paths = ['.', ...systems].flatMap((name) =>
    readdirSync(join(folder, name))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => join(name, file)),
  )
  const files = paths.sort().map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
  return { hash: hash('sha256', JSON.stringify(files)).slice(0, 12), files }
}

/** Puts the files into `folder`, unless they are there. */
export function writeMappingSet({ files }: MappingSet, folder: string): void {
  for (const { path, text } of files) {
    const file = join(folder, path)
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
