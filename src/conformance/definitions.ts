/**
 * Every definition of this gateway: what is kept by hand, and what follows from the mappings. By hand wins.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { SourceSystem } from '../mapping/lens.ts'
import { listOf } from '../mapping/mapping-file.ts'
import type { Definition } from './canonical.ts'
import { canonicalUrl, profileId } from './canonical.ts'
import { implementationGuide } from './implementation-guide.ts'
import { profileOfMapping } from './profile.ts'
import { tableDefinitions, valueSetUrl } from './table-definitions.ts'
import type { TableUse } from './table-use.ts'
import { tableUses } from './uses.ts'

export interface DefinitionOptions {
  readonly systems: readonly SourceSystem[]
  /** what is kept by hand */
  readonly written: readonly Definition[]
  /** ISTHMUS_CANONICAL_BASE */
  readonly base: string
  /** of this release */
  readonly version: string
}

/** In the order of type and id; the ImplementationGuide names them all. */
export function definitionsOf(options: DefinitionOptions): Definition[] {
  const { systems, written } = options
  const kept = new Set(written.map(({ url }) => url))
  const made = systems.flatMap((system) => systemDefinitions(system, options)).filter(({ url }) => !kept.has(url))
  const all = [...written, ...made].sort((a, b) => compare(fileName(a), fileName(b)))
  return [...all, implementationGuide(all, options)]
}

/** `StructureDefinition-hms-patient.json`: as FHIR packages name their files. */
export function fileName({ resourceType, id = '' }: Resource): string {
  return `${resourceType}-${id}.json`
}

/** Canonicals of the profiles of each type that mappings give. */
export function profilesByType({ systems, ...options }: DefinitionOptions): Map<string, string[]> {
  const mappings = systems.flatMap(({ written }) => written.mappings)
  const urls = profileUrls({ systems, ...options })
  const byType = Map.groupBy(mappings, ({ resource }) => resource)
  return new Map(
    [...byType].map(([type, each]) => [
      type,
      [...new Set(each.flatMap(({ mapping }) => urls.get(mapping) ?? []))].sort(),
    ]),
  )
}

/**
 * The canonical of each mapping's profile: the one of our own that it claims, where that is kept by hand; the profile of
 * any other mapping is made of its rules.
 */
export function profileUrls({ systems, written, base }: DefinitionOptions): Map<string, string> {
  const kept = new Set(written.map(({ url }) => url))
  const mappings = systems.flatMap((system) => system.written.mappings)
  return new Map(
    mappings.map(({ mapping, profile }) => {
      const claimed = listOf(profile).map((url) => url.replace(/^IB\//, `${base}/`))
      const own = claimed.find((url) => kept.has(url))
      return [mapping, own ?? canonicalUrl(base, 'StructureDefinition', profileId(mapping))]
    }),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function systemDefinitions(system: SourceSystem, options: DefinitionOptions): Definition[] {
  const { base, version, written } = options
  const { mappings, tables } = system.written
  const uses = tableUses(system, base)
  const urls = profileUrls(options)
  const kept = new Set(written.map(({ url }) => url))
  const context = {
    ...{ base, version, system },
    profileOf: (mapping: string) => urls.get(mapping) ?? '',
    valueSetOf: (use: TableUse) => {
      const table = tables.get(use.table)
      return table && valueSetUrl(table, uses.get(use.table) ?? [], use, { base, version, system })
    },
  }
  const profiles = mappings
    .filter(({ mapping }) => !kept.has(urls.get(mapping) ?? ''))
    .map((data) => profileOfMapping(data, context))
  const ofTables = [...tables.values()].flatMap((table) => tableDefinitions(table, uses.get(table.name) ?? [], context))
  return [...profiles, ...ofTables]
}
