/**
 * Every definition of this gateway: what is kept by hand, and what follows from the mappings. By hand wins.
 */
import type { SourceSystem } from '../mapping/lens.ts'
import type { Definition } from './canonical.ts'
import { canonicalUrl, profileId } from './canonical.ts'
import { implementationGuide } from './implementation-guide.ts'
import { claimedProfile, profileOfMapping } from './profile.ts'
import { isListed, tableDefinitions, tableId } from './table-definitions.ts'
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
export function fileName({ resourceType, id }: Definition): string {
  return `${resourceType}-${id}.json`
}

/** Canonicals of the profiles of each type that mappings give. */
export function profilesByType(systems: readonly SourceSystem[], base: string): Map<string, string[]> {
  const mappings = systems.flatMap(({ written }) => written.mappings)
  const profileOf = profileNamer(systems, base)
  const byType = Map.groupBy(mappings, ({ resource }) => resource)
  return new Map(
    [...byType].map(([type, each]) => [type, [...new Set(each.map(({ mapping }) => profileOf(mapping)))].sort()]),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A mapping that claims a profile of our own has that one; the profile of any other is made of its rules. */
function profileNamer(systems: readonly SourceSystem[], base: string): (mapping: string) => string {
  const claimed = new Map(
    systems.flatMap(({ written }) =>
      written.mappings.map((data) => [data.mapping, claimedProfile(data, base)] as const),
    ),
  )
  return (mapping) => claimed.get(mapping) ?? canonicalUrl(base, 'StructureDefinition', profileId(mapping))
}

function systemDefinitions(system: SourceSystem, { systems, base, version }: DefinitionOptions): Definition[] {
  const { mappings, tables } = system.written
  const uses = tableUses(system, base)
  const profileOf = profileNamer(systems, base)
  const listed = new Set(
    [...tables.values()].filter((table) => isListed(table, uses.get(table.name) ?? [])).map(({ name }) => name),
  )
  const profiles = mappings
    .filter((data) => claimedProfile(data, base) === undefined)
    .map((data) =>
      profileOfMapping(data, {
        base,
        version,
        system,
        profileOf,
        valueSetOf: ({ table }) =>
          listed.has(table) ? canonicalUrl(base, 'ValueSet', tableId(system, table)) : undefined,
      }),
    )
  const ofTables = [...tables.values()].flatMap((table) =>
    tableDefinitions(table, uses.get(table.name) ?? [], { base, version, system }),
  )
  return [...profiles, ...ofTables]
}
