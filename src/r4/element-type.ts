/** Which element of R4 stands at a place of a resource. */
import type { Member } from './structure-plan.ts'
import { planOf } from './structure-plan.ts'

/** Property names and indexes, as in JSON: `name`, 0, `given`, 1. */
export type JsonPath = readonly (string | number)[]

type JsonObject = Readonly<Record<string, unknown>>

/** Undefined where R4 has no such element. */
export function memberAt(resource: JsonObject, path: JsonPath): Member | undefined {
  let type = typeOf(resource, '')
  let value: unknown = resource
  let member: Member | undefined
  for (const step of path) {
    if (typeof step === 'string') {
      member = planOf(type).members.get(step)
      if (!member) return undefined
      type = member.sibling ? 'Element' : member.type
    }
    value = (value as JsonObject | undefined)?.[step]
    // A contained resource says itself what it is
    if (member?.type === 'Resource') type = typeOf(value, type)
  }
  return member
}

/** The type whose elements an object at this place has. */
export function typeAt(resource: JsonObject, path: JsonPath): string {
  const member = memberAt(resource, path)
  const own = typeOf(valueAt(resource, path), '')
  if (own !== '' && (member === undefined || member.type === 'Resource')) return own
  return member?.sibling ? 'Element' : (member?.type ?? '')
}

export function valueAt(value: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((inner, step) => (inner as JsonObject | undefined)?.[step], value)
}

function typeOf(value: unknown, otherwise: string): string {
  const type = typeof value === 'object' && value !== null ? (value as JsonObject)['resourceType'] : undefined
  return typeof type === 'string' ? type : otherwise
}
