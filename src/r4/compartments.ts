/**
 * Which search parameters put a resource into a compartment (CompartmentDefinition; R4 compartmentdefinition.html). Those of
 * 4.0.1, and one thing more: the patient's has tasks too, as in R5, which R4 leaves out of it.
 */
import { otherCompartments } from './compartment-tables.ts'
import { readDefinitions } from './definitions.ts'

export const compartments = ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'] as const
export type Compartment = (typeof compartments)[number]

type Parameters = Readonly<Record<string, readonly string[]>>

const definitions: Readonly<Record<string, Parameters>> = {
  ...(readDefinitions('compartments') as Record<string, Parameters>),
  ...Object.fromEntries(Object.entries(otherCompartments).map(([name, table]) => [name, listed(table)])),
}

function listed(table: Readonly<Record<string, string>>): Parameters {
  return Object.fromEntries(Object.entries(table).map(([type, codes]) => [type, codes.split(' ')]))
}

export function isCompartment(type: string): type is Compartment {
  return (compartments as readonly string[]).includes(type)
}

/** Empty: resources of this type are never in the compartment, but for the one whose compartment it is. */
export function compartmentParameters(compartment: Compartment, type: string): readonly string[] {
  const parameters = definitions[compartment] ?? {}
  return Object.hasOwn(parameters, type) ? (parameters[type] ?? []) : []
}

/** Types of which some resource may be in the compartment; its own is always. */
export function compartmentTypes(compartment: Compartment): readonly string[] {
  return [...new Set([compartment, ...Object.keys(definitions[compartment] ?? {})])].sort()
}
