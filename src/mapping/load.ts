/**
 * Loads every source system under `mappings/`: read, check, compile. Nothing here touches a database.
 *
 * All mistakes are gathered, each with file and line, so that `isthmus check` shows them at once.
 */
import { hash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readCodeTables } from './codes.ts'
import { compileMapping } from './compile.ts'
import { coverageErrors, markNotMapped } from './coverage.ts'
import { MappingFileError } from './errors.ts'
import { sourceIdentifierSystem } from './identity.ts'
import { jobErrors } from './jobs.ts'
import type { Lens, SourceSystem } from './lens.ts'
import { listOf } from './mapping-file.ts'
import type { ColumnsData, MappingData, SystemData } from './mapping-file.ts'
import { schemaErrors } from './schema.ts'
import { openUses } from './sealed-columns.ts'
import { markTarget } from './scope.ts'
import type { SystemScope, Target } from './scope.ts'
import { readYamlFile } from './yaml-file.ts'
import type { YamlFile } from './yaml-file.ts'

export interface LoadOptions {
  /** ISTHMUS_CANONICAL_BASE */
  readonly base: string
}

export interface Loaded {
  readonly systems: readonly SourceSystem[]
  readonly errors: readonly MappingFileError[]
}

const SYSTEM_FILES = new Set(['system.yaml', 'columns.yaml', 'codes.yaml'])

interface ReadSystem {
  readonly file: YamlFile
  readonly system: SystemData
  readonly columnsFile: YamlFile
  readonly columns: ColumnsData
  readonly tables: SystemScope['tables']
  readonly mappings: readonly { readonly file: YamlFile; readonly data: MappingData }[]
}

export function loadSystems(folder: string, { base }: LoadOptions): Loaded {
  const errors: MappingFileError[] = []
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'system.yaml')))
    .map((entry) => join(folder, entry.name))
    .sort()
  const read = folders.flatMap((path) => readSystem(path, base, errors) ?? [])
  const targets = new Map(read.flatMap((system) => system.mappings.map(({ data }) => targetOf(system, data, base))))
  const systems = read.map((system) => compileSystem(system, targets, base, errors))
  return { systems, errors: errors.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line) }
}

function readSystem(folder: string, base: string, errors: MappingFileError[]): ReadSystem | undefined {
  const read = (name: string, kind: Parameters<typeof schemaErrors>[0]): YamlFile | undefined => {
    try {
      const file = readYamlFile(join(folder, name))
      const mistakes = schemaErrors(kind, file)
      errors.push(...mistakes)
      return mistakes.length > 0 ? undefined : file
    } catch (error) {
      errors.push(
        error instanceof MappingFileError ? error : new MappingFileError(join(folder, name), 1, String(error)),
      )
      return undefined
    }
  }
  const file = read('system.yaml', 'system')
  const columnsFile = read('columns.yaml', 'columns')
  const codesFile = read('codes.yaml', 'codes')
  const mappings = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && !SYSTEM_FILES.has(name))
    .sort()
    .flatMap((name) => read(name, 'mapping') ?? [])
  if (!file || !columnsFile || !codesFile) return undefined
  const { tables, errors: mistakes } = readCodeTables(codesFile, base)
  errors.push(...mistakes)
  return {
    file,
    system: file.data as SystemData,
    columnsFile,
    columns: columnsFile.data as ColumnsData,
    tables,
    mappings: mappings.map((each) => ({ file: each, data: each.data as MappingData })),
  }
}

function targetOf({ system, columns }: ReadSystem, data: MappingData, base: string): [string, Target] {
  const collection = data.sid ?? keyCollection(columns, data)
  const target = {
    name: data.mapping,
    type: data.resource,
    prefix: system['id-prefix'],
    mark: '',
    keyParts: keyPartsOf(system, data),
    identifierSystem: sourceIdentifierSystem(base, system.system, collection),
    canonicalBase: `${base}/${data.resource}/`,
  }
  return [data.mapping, markTarget(target, data.mark ?? '')]
}

function keyPartsOf({ keys }: SystemData, { key, source }: MappingData): number {
  if (key === undefined) return listOf(keys[source.collection]).length
  return typeof key === 'object' && 'first' in key ? 1 : listOf(key).length
}

/** A key that is a foreign key (`ref users`) is a key of that collection. */
function keyCollection(columns: ColumnsData, data: MappingData): string {
  const { source } = data
  const [alias = '', column = ''] = firstKeyField(data).split('.')
  const owner = source.join?.[alias]?.collection ?? source.collection
  const kind = columns[owner]?.[column]
  return kind?.startsWith('ref ') ? kind.slice('ref '.length) : owner
}

function firstKeyField({ key }: MappingData): string {
  if (typeof key === 'object' && 'first' in key) return key.first[0]?.field ?? ''
  return listOf(key)[0] ?? ''
}

function compileSystem(
  read: ReadSystem,
  targets: ReadonlyMap<string, Target>,
  base: string,
  errors: MappingFileError[],
): SourceSystem {
  const { system, columns, tables } = read
  const used = new Set<string>()
  const scope = { base, system, columns, tables, targets, used, lenses: new Map<string, Lens>() }
  const lenses = read.mappings.flatMap(({ file, data }) => {
    const compiled = compileMapping(file, data, targets.get(data.mapping) as Target, scope)
    errors.push(...compiled.errors, ...markNotMapped(scope, file, data))
    return compiled.lens ?? []
  })
  // a mapping that is broken cannot say what it uses
  const broken = errors.some((error) => dirname(error.file) === dirname(read.file.file))
  if (!broken) {
    errors.push(...coverageErrors(scope, { system: read.file, columns: read.columnsFile }, read.mappings))
    errors.push(...openUses(read.mappings), ...jobErrors(scope, read.file, read.mappings))
  }
  return {
    system: system.system,
    title: system.title,
    idPrefix: system['id-prefix'],
    keys: new Map(Object.entries(system.keys).map(([collection, key]) => [collection, listOf(key)])),
    secrets: new Map(Object.entries(columns).map(([collection, kinds]) => [collection, secretsOf(kinds)])),
    ...(system.tenant && { tenant: system.tenant }),
    timestamps: system.timestamps ?? 'iso',
    tenanted: new Set(
      Object.keys(columns).filter((name) => columns[name]?.[system.tenant?.column ?? ''] !== undefined),
    ),
    lenses,
    jobs: system.jobs ?? {},
    hash: hash('sha256', lenses.map((lens) => lens.hash).join()).slice(0, 16),
    written: { mappings: read.mappings.map(({ data }) => data), tables },
  }
}

function secretsOf(kinds: Readonly<Record<string, string>>): string[] {
  return Object.entries(kinds).flatMap(([column, kind]) => (kind === 'secret' ? [column] : []))
}
