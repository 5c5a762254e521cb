/** `mappings/routing.yaml`: where a create goes when neither its profile nor whom it is about says so. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { readYamlFile } from './yaml-file.ts'

/** tenant (`*`: any that is not named) → resource type → system */
export type Routing = Readonly<Record<string, Readonly<Record<string, string>>>>

const validate = new Ajv().compile({
  type: 'object',
  additionalProperties: { type: 'object', additionalProperties: { type: 'string', minLength: 1 } },
})

/** Throws MappingFileError; without the file nothing is routed. */
export function readRouting(folder: string): Routing {
  const path = join(folder, 'routing.yaml')
  if (!existsSync(path)) return {}
  const file = readYamlFile(path)
  if (validate(file.data)) return file.data as Routing
  throw file.error(
    [],
    'routing.yaml is a table of tenants, each a table of resource types and the system that takes them',
  )
}
