/** What every command starts from: the configuration and the source systems with their mappings. */
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readConfig } from '../config/config.ts'
import type { Config, Environment } from '../config/config.ts'
import { environment } from '../config/values.ts'
import { StartError } from '../kernel/errors.ts'
import type { SourceSystem } from '../mapping/lens.ts'
import { loadSystems } from '../mapping/load.ts'
import type { Loaded } from '../mapping/load.ts'
import { useOwnSearchParameters } from './search-parameters.ts'

export interface Context {
  readonly config: Config
  readonly systems: readonly SourceSystem[]
}

/** The folder of the package: mappings and profiles are found from anywhere. */
export const home = resolve(import.meta.dirname, '../..')

export function readConfiguration(env: Environment = environment): Config {
  const defaults = { ISTHMUS_MAPPINGS: join(home, 'mappings'), ISTHMUS_PROFILES: join(home, 'profiles') }
  const complete = { ...defaults, ...env }
  return readConfig(complete, systemCodes(complete.ISTHMUS_MAPPINGS))
}

function systemCodes(folder: string): string[] {
  if (!existsSync(folder)) throw new StartError(`ISTHMUS_MAPPINGS names ${folder}, which is no folder.`)
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'system.yaml')))
    .sort()
}

export function loadMappings(config: Config): Loaded {
  return loadSystems(config.mappings, { base: config.canonicalBase })
}

/** Configuration, mappings and search parameters; mistakes in mappings stop the command, each with file and line. */
export function readContext(env: Environment = environment): Context {
  const config = readConfiguration(env)
  const { systems, errors } = loadMappings(config)
  if (errors.length > 0) throw new StartError(describeMistakes(errors))
  useOwnSearchParameters(config)
  return { config, systems }
}

/** The same with the mappings of another folder. */
export function readContextWith(mappings: string): Context {
  return readContext({ ...environment, ISTHMUS_MAPPINGS: mappings })
}

function describeMistakes(errors: Loaded['errors']): string {
  const lines = errors.map(({ file, line, message }) => `${file}:${line}: ${message}`)
  return [
    ...lines,
    `${errors.length} mistake${errors.length === 1 ? '' : 's'} in the mappings; mend them and start again.`,
  ].join('\n')
}
