/** Contained resources and the references to them (R4 references.html#contained; invariants dom-2 to dom-5, ref-1). */
import { addProblem, addProblemAt, isObject, type JsonObject, type Scope, type Walk } from './structure-walk.ts'
import { parseReference } from './references.ts'

export function scopeOf(contained: unknown): Scope {
  const resources = Array.isArray(contained) ? contained.filter(isObject) : []
  return { types: new Map(resources.map((it) => [String(it['id']), it['resourceType']])), named: new Set() }
}

/** A URI or reference that begins with `#` keeps the contained resource it names in place. */
export function noteLocal(walk: Walk, text: string): void {
  if (text !== '#') walk.scope.named.add(text.slice(1))
  else {
    // `#` is the resource around: the contained one that says so is held by that (dom-3)
    const index = walk.path[walk.path.lastIndexOf('contained') + 1]
    const id = typeof index === 'number' ? [...walk.scope.types.keys()][index] : undefined
    if (id !== undefined) walk.scope.named.add(id)
  }
}

/** The type that a reference's text shows must be one that the element may point at. */
export function checkReference(walk: Walk, reference: JsonObject, targets: readonly string[] | undefined): void {
  const text = reference['reference']
  if (typeof text !== 'string') return
  const local = text.startsWith('#') && text !== '#'
  if (text.startsWith('#')) noteLocal(walk, text)
  if (local && !walk.scope.types.has(text.slice(1))) {
    addProblemAt(walk, 'reference', 'invariant', 'The reference names a contained resource that is not there.')
    return
  }
  const type = local ? walk.scope.types.get(text.slice(1)) : parseReference(text)?.type
  if (targets === undefined || typeof type !== 'string' || targets.includes(type)) return
  addProblemAt(walk, 'reference', 'structure', `The reference must point at ${targets.join(' or ')}, not at ${type}.`)
}

/** After the whole resource was walked, when all that it names is known. */
export function checkContained(walk: Walk, contained: unknown): void {
  if (!Array.isArray(contained)) return
  walk.path.push('contained')
  for (const [index, resource] of contained.entries()) {
    walk.path.push(index)
    if (isObject(resource)) checkContainedOne(walk, resource)
    walk.path.pop()
  }
  walk.path.pop()
}

function checkContainedOne(walk: Walk, resource: JsonObject): void {
  const { id, meta, contained } = resource
  if (contained !== undefined) addProblem(walk, 'invariant', 'A contained resource must not contain resources itself.')
  if (typeof id !== 'string') addProblem(walk, 'invariant', 'A contained resource must have an id.')
  else if (!walk.scope.named.has(id)) {
    addProblem(walk, 'invariant', 'A contained resource must be referred to by the resource that contains it.')
  }
  if (!isObject(meta)) return
  for (const name of ['versionId', 'lastUpdated', 'security']) {
    if (Object.hasOwn(meta, name)) addProblem(walk, 'invariant', `A contained resource must have no meta.${name}.`)
  }
}
