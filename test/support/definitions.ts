/** The definitions of this repository, made as the gateway makes them. */
import type { StructureDefinition } from '@medplum/fhirtypes'
import { definitionsOf } from '../../src/conformance/definitions.ts'
import { readWrittenDefinitions } from '../../src/conformance/written-definitions.ts'
import { registryOf } from '../../src/r4/registry.ts'
import { baseDefinitions } from '../../src/r4/base-layer.ts'
import { terminologyOf } from '../../src/r4/terminology/terminology.ts'
import { codeKnowledge } from '../../src/r4/validation/code-knowledge.ts'
import { validatorOf } from '../../src/r4/validation/validator.ts'
import { BASE, loaded } from '../mapping/examples.ts'

export const definitionOptions = {
  systems: loaded.systems,
  written: readWrittenDefinitions('profiles', BASE),
  base: BASE,
  version: '0.0.0',
}

export const definitions = definitionsOf(definitionOptions)

export const profiles = new Map(
  definitions
    .filter((each) => each.resourceType === 'StructureDefinition')
    .map((each) => [each.url, each as StructureDefinition]),
)

const registry = registryOf(baseDefinitions(), definitions)
const terminology = terminologyOf(registry)
const validator = validatorOf(registry, codeKnowledge(terminology))

/** Each error by a profile as `expression: sentence`; none when the resource conforms. */
export function conformanceErrors(resource: object, { url }: StructureDefinition): string[] {
  const found = validator.profiles(resource, [url]).filter(({ severity }) => severity === 'error')
  return found.map(({ expression, message }) => `${expression}: ${message}`)
}
