/** The definitions that follow from the configuration: profiles by hand and by mapping, code tables, the guide. */
import type { DefinitionOptions } from '../conformance/definitions.ts'
import { readWrittenDefinitions } from '../conformance/written-definitions.ts'
import { release } from '../kernel/release.ts'
import type { Context } from './context.ts'

export function definitionOptions({ config, systems }: Context): DefinitionOptions {
  const { canonicalBase: base, profiles } = config
  return { systems, base, version: release, written: readWrittenDefinitions(profiles, base) }
}
