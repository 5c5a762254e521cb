/**
 * The examples under `mappings/<system>/examples/`, and how rows of an example are joined without a database.
 * ISTHMUS_MAPPINGS names another folder: so the laws hold a clinic's own mappings too (docs/add-your-system.md).
 */
import { readdirSync, existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Resource } from '@medplum/fhirtypes'
import { EJSON } from 'bson'
import { keyText } from '../../src/mapping/identity.ts'
import { joinRows } from '../../src/mapping/join-rows.ts'
import type { Lens, LensContext, Part, Row, Rows, SourceSystem } from '../../src/mapping/lens.ts'
import { loadSystems } from '../../src/mapping/load.ts'
import { readYamlFile } from '../../src/mapping/yaml-file.ts'

export const BASE = 'https://interop.example.org'
export const MAPPINGS = process.env['ISTHMUS_MAPPINGS'] ?? 'mappings'

export interface Example {
  readonly name: string
  readonly lens: Lens
  readonly system: SourceSystem
  readonly timeZone: string
  readonly tenantKey?: string
  readonly collections: Readonly<Record<string, readonly Row[]>>
  readonly exist: ReadonlySet<string>
  readonly resources: readonly Resource[]
  readonly gone: readonly string[]
}

interface WrittenExample {
  readonly timeZone?: string
  readonly rows: Record<string, unknown[]>
  readonly exist?: string[]
  readonly resources: Resource[]
  readonly gone?: string[]
}

export const loaded = loadSystems(MAPPINGS, { base: BASE })

export function examples(): Example[] {
  return loaded.systems.flatMap((system) => {
    const folder = join(MAPPINGS, system.system, 'examples')
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => readExample(system, folder, name))
  })
}

function readExample(system: SourceSystem, folder: string, name: string): Example {
  const mapping = `${system.system}/${basename(name).split('.')[0] ?? ''}`
  const lens = system.lenses.find((each) => each.name === mapping)
  if (!lens) throw new Error(`${name}: there is no mapping ${mapping}`)
  const written = readYamlFile(join(folder, name)).data as WrittenExample
  const collections = EJSON.deserialize(written.rows, { relaxed: false }) as Record<string, Row[]>
  const owner = collections[lens.collection]?.[0]
  if (!owner) throw new Error(`${name}: rows has no row of ${lens.collection}`)
  const tenantKey = system.tenant && tenantOf(system.tenant, lens, owner)
  return {
    name: `${system.system}/${name.replace(/\.yaml$/, '')}`,
    lens,
    system,
    timeZone: written.timeZone ?? 'UTC',
    ...(tenantKey !== undefined && { tenantKey }),
    collections,
    exist: new Set(written.exist ?? []),
    resources: written.resources,
    gone: written.gone ?? [],
  }
}

function tenantOf(tenant: NonNullable<SourceSystem['tenant']>, lens: Lens, owner: Row): string | undefined {
  const value = owner[lens.collection === tenant.collection ? tenant.key : tenant.column]
  return value === undefined || value === null ? undefined : keyText(value)
}

export function contextOf(example: Example): LensContext & { readonly warnings: string[] } {
  const warnings: string[] = []
  return {
    base: BASE,
    timeZone: example.timeZone,
    ...(example.tenantKey !== undefined && { tenantKey: example.tenantKey }),
    has: (reference) => example.exist.has(reference),
    warn: ({ rule, reason }) => warnings.push(`${rule}: ${reason}`),
    warnings,
  }
}

/** The owner row and what its lens joins, found in the example's collections. */
export function rowsOf({ lens, collections }: Pick<Example, 'lens' | 'collections'>): Rows {
  return joinRows(lens, collections[lens.collection]?.[0], collections)
}

export function partsOf(example: Example): readonly Part[] {
  return example.lens.parts(rowsOf(example), { base: BASE })
}
