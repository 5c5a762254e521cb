/**
 * Builds a resource whose values remember which rule gave them, so that each element can be explained.
 *
 * It is the same tree of the same leaves as `get` builds, each value wrapped: what is explained cannot drift from what
 * is given.
 */
import { isObject } from './beside.ts'
import { ExtendedPrimitive } from './codec.ts'
import type { Leaf } from './element-tree.ts'
import type { Owner } from './ownership.ts'

class Traced {
  readonly value: unknown
  readonly owner: Owner
  constructor(value: unknown, owner: Owner) {
    this.value = value
    this.owner = owner
  }
}

/** A primitive of a resource, and who gave it. */
export interface TracedElement {
  /** `name[0].given[1]`, elements by their JSON names */
  readonly path: string
  readonly value: unknown
  /** undefined in a resource that was not built by `tracedLeaf`s */
  readonly owner: Owner | undefined
  /** stands in the rule's path: the `system` of `telecom[system=phone].value` */
  readonly inPath: boolean
}

export function tracedLeaf({ read, constant, ...leaf }: Leaf, owner: Owner): Leaf {
  return {
    ...leaf,
    read: (rows, state) => traced(read(rows, state), owner),
    ...(constant && { constant: { ...constant, value: traced(constant.value, owner) } }),
  }
}

/** Of a list each item, since lists are joined with others. */
function traced(value: unknown, owner: Owner): unknown {
  if (value === undefined) return undefined
  return Array.isArray(value) ? value.map((item) => new Traced(item, owner)) : new Traced(value, owner)
}

/** Every primitive of a resource but its type, in its order. */
export function elementsOf(resource: object): TracedElement[] {
  const found: TracedElement[] = []
  collect(resource, '', { owner: undefined, inPath: false }, found)
  return found.filter(({ path }) => path !== 'resourceType')
}

type Giver = Pick<TracedElement, 'owner' | 'inPath'>

function collect(value: unknown, path: string, giver: Giver, found: TracedElement[]): void {
  if (value instanceof Traced) collect(value.value, path, { owner: value.owner, inPath: false }, found)
  else if (value instanceof ExtendedPrimitive) {
    collect(value.value ?? null, path, giver, found)
    collect({ extension: value.extension }, path, giver, found)
  } else if (Array.isArray(value)) value.forEach((item, index) => collect(item, `${path}[${index}]`, giver, found))
  else if (isObject(value)) collectMembers(value, path, giver, found)
  else if (value !== undefined && value !== null) found.push({ path, value, ...giver })
}

/** What is in an object beside traced values was written in the path of the rule that gave those. */
function collectMembers(
  object: Readonly<Record<string, unknown>>,
  path: string,
  giver: Giver,
  found: TracedElement[],
): void {
  const inner = giver.owner ? giver : { owner: path === '' ? undefined : ownerIn(object), inPath: true }
  for (const [name, value] of Object.entries(object)) {
    // `_birthDate` holds what stands beside birthDate
    const element = name.startsWith('_') ? name.slice(1) : name
    collect(value, path === '' ? element : `${path}.${element}`, inner, found)
  }
}

function ownerIn(value: unknown): Owner | undefined {
  if (value instanceof Traced) return value.owner
  if (typeof value !== 'object' || value === null) return undefined
  for (const inner of Object.values(value)) {
    const owner = ownerIn(inner)
    if (owner) return owner
  }
  return undefined
}
