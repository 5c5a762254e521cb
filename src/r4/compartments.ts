/** Which search parameters put a resource into a compartment (CompartmentDefinition; R4 compartmentdefinition.html). */
import { readDefinitions } from './definitions.ts'

export type Compartment = 'Patient'

const definitions = readDefinitions('compartments') as Record<Compartment, Record<string, string[]>>

/** Empty: resources of this type are never in the compartment. */
export function compartmentParameters(compartment: Compartment, type: string): readonly string[] {
  const parameters = definitions[compartment]
  return Object.hasOwn(parameters, type) ? (parameters[type] ?? []) : []
}
