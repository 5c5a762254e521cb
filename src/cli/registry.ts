/** The definitions that a program of ours knows: of R4, of the packages in the folder, of the mappings in force. */
import { definitionsOf } from '../conformance/definitions.ts'
import { missingDependencies, readPackages } from '../conformance/packages.ts'
import type { Logger } from '../kernel/logger.ts'
import { baseDefinitions } from '../r4/base-layer.ts'
import type { Layer, Registry } from '../r4/registry.ts'
import { registryOf } from '../r4/registry.ts'
import type { Context } from './context.ts'
import { definitionOptions } from './definitions.ts'

/** What a package takes from others that are not there is worth a word, and no reason to stop. */
export async function loadedPackages({ config }: Context, log: Logger): Promise<Layer> {
  const packages = await readPackages(config.packages)
  for (const sentence of missingDependencies(packages)) log.warn({}, sentence)
  return packages.flatMap(({ definitions }) => definitions)
}

export function registryFor(context: Context, packages: Layer): Registry {
  return registryOf(baseDefinitions(), packages, definitionsOf(definitionOptions(context)))
}
