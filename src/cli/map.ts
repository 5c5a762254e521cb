/**
 * `isthmus map <system/mapping> <file>` and `unmap`: tries a lens on a document, without a server.
 *
 * The file holds one row of the owning collection, a list of them, or rows by collection (`{ patients: [...], users:
 * [...] }`) so that joins find theirs. References count as there. `--explain` says where each element comes from.
 */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { StartError } from '../kernel/errors.ts'
import { MappingProblem, NotStorableError } from '../mapping/errors.ts'
import { joinRows } from '../mapping/join-rows.ts'
import type { Collections } from '../mapping/join-rows.ts'
import type { Lens, LensContext, Part, Row, Rows } from '../mapping/lens.ts'
import { parseJson } from '../r4/json.ts'
import { parseEjson, stringifyEjson } from '../store/ejson.ts'
import { readContext } from './context.ts'
import type { Context } from './context.ts'
import { lineageTable } from './lineage-table.ts'

export const mapCommand = new Command('map')
  .description('read a document through a mapping and print its FHIR resources')
  .argument('<mapping>', 'system/mapping, such as hms/patient')
  .argument('<file>', 'JSON or EJSON: one row, a list of rows, or rows by collection')
  .option('--explain', 'print instead where each element comes from, as a table')
  .option('--json', 'with --explain: as JSON')
  .action((mapping: string, file: string, { explain, json }: { explain?: true; json?: true }) => {
    const context = readContext()
    const lens = lensOf(context, mapping)
    const parts = partsIn(lens, readRows(lens, file), context)
    if (explain) process.stdout.write(explained(parts, lensContext(context, lens), json))
    else {
      const resources = parts.flatMap((part) => lens.get(part, lensContext(context, lens)) ?? [])
      process.stdout.write(`${JSON.stringify(resources, null, 2)}\n`)
    }
  })

function explained(parts: readonly Part[], context: LensContext, json = false): string {
  const resources = parts
    .filter(({ gone }) => !gone)
    .map((part) => ({
      resource: `${part.type}/${part.id}`,
      mapping: part.lens.name,
      mappingVersion: part.lens.hash,
      elements: part.lens.explain(part, undefined, context),
    }))
  if (json) return `${JSON.stringify(resources, null, 2)}\n`
  return resources
    .map(({ resource, mapping, elements }) => `${resource} by ${mapping}\n${lineageTable(elements)}`)
    .join('\n')
}

export const unmapCommand = new Command('unmap')
  .description('write a FHIR resource through a mapping and print the rows it changes')
  .argument('<mapping>', 'system/mapping, such as hms/patient')
  .argument('<file>', 'JSON: the resource')
  .option('--rows <file>', 'the rows it is written to (as for map); empty ones when left out')
  .action((mapping: string, file: string, { rows }: { rows?: string }) => {
    const context = readContext()
    const lens = lensOf(context, mapping)
    const resource = parseJson(readText(file)) as unknown as Parameters<Lens['put']>[1]
    const collections = rows === undefined ? emptyRows(lens) : readRows(lens, rows)
    const found = partsIn(lens, collections, context).find(({ id }) => rows === undefined || id === resource.id)
    const part = found ?? blankPart(lens, collections)
    try {
      process.stdout.write(`${stringifyEjson(lens.put(part, resource, lensContext(context, lens)))}\n`)
    } catch (error) {
      if (!(error instanceof NotStorableError)) throw error
      const allowed = error.allowed.length > 0 ? ` (allowed: ${error.allowed.join(', ')})` : ''
      throw new StartError(`${error.path}: ${error.message}${allowed}`)
    }
  })

function lensOf({ systems }: Context, mapping: string): Lens {
  const lens = systems.flatMap(({ lenses }) => lenses).find(({ name }) => name === mapping)
  if (lens) return lens
  const names = systems.flatMap(({ lenses }) => lenses.map(({ name }) => name))
  throw new StartError(`There is no mapping ${mapping}; there are ${names.join(', ')}.`)
}

function lensContext({ config, systems }: Context, lens: Lens): LensContext {
  const source = config.sources.find(({ system }) => system === lens.system)
  const tenant = systems.find(({ system }) => system === lens.system)?.tenant
  return {
    base: config.canonicalBase,
    timeZone: source?.timeZone ?? 'UTC',
    ...(tenant && { tenantKey: 'tenant' }),
    has: () => true,
    warn: ({ rule, reason }) => process.stderr.write(`${lens.name} ${rule}: ${reason}\n`),
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new StartError(`${file} cannot be read: give the path of a JSON file.`)
  }
}

function readRows(lens: Lens, file: string): Collections {
  const data = parseEjson(readText(file), file)
  if (Array.isArray(data)) return { [lens.collection]: data as Row[] }
  const byCollection = Object.values(data as object).every((value) => Array.isArray(value))
  const named = byCollection && lens.collection in (data as object)
  return named ? (data as Collections) : { [lens.collection]: [data as Row] }
}

function emptyRows(lens: Lens): Collections {
  return Object.fromEntries(
    [lens.collection, ...lens.joins.map(({ collection }) => collection)].map((name) => [name, [{}]]),
  )
}

function partsIn(lens: Lens, collections: Collections, { config }: Context): Part[] {
  return (collections[lens.collection] ?? []).flatMap((row) => {
    try {
      return lens.parts(joinRows(lens, row, collections), { base: config.canonicalBase })
    } catch (error) {
      if (error instanceof MappingProblem) return []
      throw error
    }
  })
}

function blankPart(lens: Lens, collections: Collections): Part {
  const rows = Object.fromEntries([
    [lens.alias, collections[lens.collection]?.[0]],
    ...lens.joins.map(({ alias, collection }) => [alias, collections[collection]?.[0]]),
  ]) as Rows
  return { lens, type: lens.type, id: '', slot: '', gone: false, rows }
}
