/** What resolvers are given and give: resources as parsed JSON, and the request they are read for. */
import type { Found } from '../../store/search-reader.ts'
import { parseJson } from '../../r4/json.ts'
import type { FhirContext } from '../context.ts'
import type { Budget } from './budget.ts'

export type Json = Readonly<Record<string, unknown>>

export interface QueryContext extends FhirContext {
  readonly budget: Budget
}

/** `Patient.contact` → `PatientContact` */
export function typeNameOf(type: string): string {
  return type
    .split('.')
    .map((step) => step.charAt(0).toUpperCase() + step.slice(1))
    .join('')
}

/** The resources that hold references to what they contain, by those references. */
const containers = new WeakMap<object, Json>()

export function resourceOf({ body }: Pick<Found, 'body'>): Json {
  const resource = parseJson(body.toString()) as Json
  if (Array.isArray(resource['contained'])) noteReferences(resource, resource)
  return resource
}

/** What a reference within a resource names by `#id` (R4 references.html#contained). */
export function containedIn(reference: Json, id: string): Json | undefined {
  const contained = containers.get(reference)?.['contained'] as readonly Json[] | undefined
  return contained?.find((each) => each['id'] === id)
}

function noteReferences(value: unknown, container: Json): void {
  if (typeof value !== 'object' || value === null) return
  const { reference } = value as Json
  if (typeof reference === 'string' && reference.startsWith('#')) containers.set(value, container)
  for (const inner of Object.values(value)) noteReferences(inner, container)
}
