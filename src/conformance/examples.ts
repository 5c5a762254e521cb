/** The FHIR twins of the mappings' examples: the examples of the profiles. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Resource } from '@medplum/fhirtypes'
import { readYamlFile } from '../mapping/yaml-file.ts'
import { WRITTEN_BASE } from './canonical.ts'

export interface Example {
  /** `hms/patient` */
  readonly mapping: string
  readonly resource: Resource
}

/** Each resource once: several examples may be of one row. */
export function readExamples(mappings: string, systems: readonly string[], base: string): Example[] {
  const seen = new Set<string>()
  return systems
    .flatMap((system) => examplesOf(join(mappings, system, 'examples'), system, base))
    .filter(({ resource: { resourceType, id = '' } }) => {
      const place = `${resourceType}/${id}`
      return !seen.has(place) && seen.add(place)
    })
}

function examplesOf(folder: string, system: string, base: string): Example[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => {
      const { resources = [] } = readYamlFile(join(folder, name)).data as { resources?: Resource[] }
      const text = JSON.stringify(resources).replaceAll(WRITTEN_BASE, base)
      const mapping = `${system}/${name.split('.')[0] ?? ''}`
      return (JSON.parse(text) as Resource[]).map((resource) => ({ mapping, resource }))
    })
}
