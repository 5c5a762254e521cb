/** `isthmus load <system> <folder>`: puts `<collection>.json` files into the system's database, by primary key. */
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Command } from 'commander'
import { StartError } from '../kernel/errors.ts'
import type { Row } from '../mapping/lens.ts'
import { connect } from '../store/connection.ts'
import { parseEjson } from '../store/ejson.ts'
import { upsertRows } from '../store/load-rows.ts'
import type { LoadCounts } from '../store/load-rows.ts'
import { readContext } from './context.ts'
import { findServices } from './services.ts'

export const loadCommand = new Command('load')
  .description("put JSON files (one a collection) into a source system's database")
  .argument('<system>', 'code of the source system, such as hms')
  .argument('<folder>', 'folder with <collection>.json files: JSON or EJSON arrays')
  .option('--json', 'print the counts as JSON')
  .action(async (system: string, folder: string, { json = false }: { json?: boolean }) => {
    const { config, systems } = readContext()
    const source = config.sources.find((each) => each.system === system)
    const keys = systems.find((each) => each.system === system)?.keys
    if (!source || !keys)
      throw new StartError(`There is no system ${system}; there are ${systems.map((each) => each.system).join(', ')}.`)
    const client = await connect(findServices(config).mongodbUri)
    try {
      const counts: Record<string, LoadCounts> = {}
      for (const [collection, rows] of readFolder(folder, keys)) {
        counts[collection] = await upsertRows(client, source.database, collection, keys.get(collection) ?? [], rows)
      }
      process.stdout.write(json ? `${JSON.stringify(counts)}\n` : describe(counts))
    } finally {
      await client.close()
    }
  })

/** All files are read and checked before anything is written. `written`: what the text of a file stands for. */
export function readFolder(
  folder: string,
  keys: ReadonlyMap<string, readonly string[]>,
  written = (text: string): string => text,
): [string, Row[]][] {
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch {
    throw new StartError(`${folder} is no folder that can be read.`)
  }
  if (names.length === 0) throw new StartError(`${folder} holds no <collection>.json file.`)
  return names.sort().map((name) => {
    const collection = basename(name, '.json')
    if (!keys.has(collection)) {
      throw new StartError(
        `${join(folder, name)}: the system has no collection ${collection}; it has ${[...keys.keys()].join(', ')}.`,
      )
    }
    const rows = parseEjson(written(readFileSync(join(folder, name), 'utf8')), join(folder, name))
    if (!Array.isArray(rows)) throw new StartError(`${join(folder, name)} holds no array of documents.`)
    return [collection, rows as Row[]]
  })
}

function describe(counts: Readonly<Record<string, LoadCounts>>): string {
  return Object.entries(counts)
    .map(
      ([name, { inserted, replaced, unchanged }]) =>
        `${name}: ${inserted} inserted, ${replaced} replaced, ${unchanged} unchanged\n`,
    )
    .join('')
}
