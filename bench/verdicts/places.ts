/** Every value in a resource with its type in R4: what a mutation may change. */
import { type Member, planOf } from '../../src/r4/structure-plan.ts'
import { isObject } from '../../src/r4/structure-walk.ts'

export type Json = Record<string, unknown>

export interface Place {
  /** what it stands in, and the type of that */
  readonly owner: Json
  readonly ownerType: string
  readonly name: string
  /** of a list */
  readonly index: number | undefined
  readonly value: unknown
  readonly member: Member
  readonly path: string
}

export function placesIn(resource: Json): Place[] {
  return placesBelow(resource, String(resource['resourceType']), String(resource['resourceType']))
}

function placesBelow(owner: Json, ownerType: string, path: string): Place[] {
  const { members } = planOf(ownerType)
  return Object.keys(owner).flatMap((name) => {
    const member = members.get(name)
    if (!member) return []
    const value = owner[name]
    if (!Array.isArray(value)) return placeAndBelow({ owner, ownerType, name, index: undefined, value, member, path })
    return value.flatMap((each: unknown, index) =>
      placeAndBelow({ owner, ownerType, name, index, value: each, member, path }),
    )
  })
}

function placeAndBelow(place: Place): Place[] {
  const { value, member, name, index } = place
  const path = `${place.path}.${name}${index === undefined ? '' : `[${index}]`}`
  const own = { ...place, path }
  if (!isObject(value)) return [own]
  const inner = value as Json
  const type = member.type === 'Resource' ? String(inner['resourceType']) : member.sibling ? 'Element' : member.type
  return [own, ...placesBelow(inner, type, path)]
}

export function put({ owner, name, index }: Place, value: unknown): void {
  if (index === undefined) owner[name] = value
  else (owner[name] as unknown[])[index] = value
}

/** Without leaving an empty list behind. */
export function remove({ owner, name, index }: Place): void {
  const list = owner[name]
  if (index === undefined || !Array.isArray(list) || list.length === 1) Reflect.deleteProperty(owner, name)
  else list.splice(index, 1)
}
