/** Which elements of a resource a mapping owns, and by which rule: the paths of its rules as a tree. */
import type { ElementPath, Selector, Step } from './element-path.ts'
import type { Rule } from './rule.ts'

/** Made by the engine itself: source identifiers, meta.source, profile, tenant tag. */
export const GATEWAY = 'gateway'
export type Owner = Rule | typeof GATEWAY

export interface Owned {
  readonly fields: Map<string, OwnedField>
}

export interface OwnedField {
  /** who gives the whole element */
  readonly owners: Owner[]
  inner?: Owned
  readonly items: OwnedItem[]
}

export interface OwnedItem {
  /** `list`: the whole list */
  readonly selector: Selector | { readonly kind: 'list' }
  readonly owners: Owner[]
  inner?: Owned
}

export function ownedBy(rules: readonly Rule[], made: readonly ElementPath[]): Owned {
  const root: Owned = { fields: new Map() }
  for (const path of made) insert(root, path.steps, GATEWAY)
  for (const rule of rules) for (const path of rule.paths) insert(root, path.steps, rule)
  return root
}

function insert(node: Owned, [step, ...rest]: readonly Step[], owner: Owner): void {
  if (!step) return
  const field = fieldOf(node, step.name)
  const place = step.element.array ? itemOf(field, step.selector ?? { kind: 'list' }) : field
  if (rest.length === 0) place.owners.push(owner)
  else insert((place.inner ??= { fields: new Map() }), rest, owner)
}

function fieldOf(node: Owned, name: string): OwnedField {
  let field = node.fields.get(name)
  if (!field) node.fields.set(name, (field = { owners: [], items: [] }))
  return field
}

function itemOf(field: OwnedField, selector: OwnedItem['selector']): OwnedItem {
  const wanted = JSON.stringify(selector)
  let item = field.items.find((each) => JSON.stringify(each.selector) === wanted)
  if (!item) field.items.push((item = { selector, owners: [] }))
  return item
}

/**
 * Does a rule write the element by itself? One that it gives together with others follows them: a cancelled appointment
 * is nobody's to accept.
 */
export function isWritable(field: OwnedField | undefined): boolean {
  return (field?.owners ?? []).some(
    (owner) => owner !== GATEWAY && owner.only !== 'read' && owner.paths.length === 1 && STORED.has(owner.source.kind),
  )
}

const STORED = new Set(['codec', 'reference', 'reference-or-text'])
