/** The definitions of this repository, made as the gateway makes them. */
import type { StructureDefinition, ValueSet } from '@medplum/fhirtypes'
import { definitionsOf } from '../../src/conformance/definitions.ts'
import { readWrittenDefinitions } from '../../src/conformance/written-definitions.ts'
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

export const valueSets = new Map(
  definitions.filter((each) => each.resourceType === 'ValueSet').map((each) => [each.url, each as ValueSet]),
)
