/**
 * The tree of elements that a mapping's rules name: where each value goes, in the order of the FHIR definition.
 *
 * Rules that share a prefix share its nodes: `telecom[system=phone].value` and `.use` meet in one item.
 */
import type { ElementDefinition } from '../r4/elements.ts'
import type { BuildState } from './build-state.ts'
import type { Cells } from './cells.ts'
import type { Predicate } from './condition.ts'
import type { ElementPath, Selector, Step } from './element-path.ts'
import type { Rows } from './lens.ts'

export type Read = (rows: Rows, state: BuildState) => unknown

/** A value from a rule. One that never varies is a `constant`, so that whole subtrees can be made once. */
export interface Leaf {
  readonly read: Read
  readonly constant?: Constant
  readonly decided?: Decided
  /** its rule says `when` or `with`: another such rule may stand at the same place */
  readonly conditional?: boolean
}

/** Cells that decide without a call that there is nothing. */
export interface Decided {
  /** nothing comes of it while this one is empty … */
  readonly needs?: number
  /** … nor while this one is filled */
  readonly unless?: number
}

export interface Constant {
  readonly value: unknown
  /** it stands only where this holds */
  readonly guard?: Guard
}

/** The conditions of a rule; those of one text are the same. */
export interface Guard {
  readonly text: string
  readonly holds: Predicate<Cells>
  readonly decided: Decided
}

export interface ObjectNode {
  readonly fields: Map<string, FieldNode>
}

export interface FieldNode {
  readonly element: ElementDefinition
  leaf?: Leaf
  object?: ObjectNode
  readonly items: ItemNode[]
}

export interface ItemNode {
  readonly selector: Selector | { readonly kind: 'list' }
  leaf?: Leaf
  object?: ObjectNode
  /** of a `repeat`: gives the list, one item a value */
  driver?: Leaf
}

export function objectNode(): ObjectNode {
  return { fields: new Map() }
}

/** Puts a leaf where the path says; throws an Error when another rule stands there already. */
export function insertLeaf(root: ObjectNode, path: ElementPath, leaf: Leaf): void {
  const repeatAt = path.steps.findIndex((step) => step.selector?.kind === 'repeat')
  if (repeatAt < 0) {
    insert(root, path.steps, leaf, path)
    return
  }
  const parent = enterAll(root, path.steps.slice(0, repeatAt))
  const step = path.steps[repeatAt] as Step
  const field = fieldOf(parent, step)
  const inner = path.steps.slice(repeatAt + 1)
  if (leaf.constant && !leaf.constant.guard) {
    const repeats = field.items.filter(({ selector }) => JSON.stringify(selector) === JSON.stringify(step.selector))
    if (repeats.length === 0) throw new Error(`a constant at "${path.text}" needs a rule with a list before it`)
    for (const item of repeats) insert((item.object ??= objectNode()), inner, leaf, path)
    return
  }
  const item: ItemNode = { selector: step.selector as Selector, driver: leaf }
  field.items.push(item)
  const itemLeaf: Leaf = { read: (_rows, state) => state.item }
  if (inner.length === 0) item.leaf = itemLeaf
  else insert((item.object = objectNode()), inner, itemLeaf, path)
}

function insert(root: ObjectNode, steps: readonly Step[], leaf: Leaf, path: ElementPath): void {
  const last = steps.at(-1) as Step
  const field = fieldOf(enterAll(root, steps.slice(0, -1)), last)
  if (last.element.array && !last.selector) {
    field.items.push({ selector: { kind: 'list' }, leaf })
    return
  }
  const place = last.element.array ? itemOf(field, last.selector as Selector) : field
  if (place.leaf?.conditional && leaf.conditional) place.leaf = either(place.leaf, leaf)
  else if (place.leaf || place.object) throw new Error(`two rules give "${path.text}": say when each applies`)
  else place.leaf = leaf
}

function either(one: Leaf, other: Leaf): Leaf {
  return { read: (rows, state) => one.read(rows, state) ?? other.read(rows, state), conditional: true }
}

function enterAll(root: ObjectNode, steps: readonly Step[]): ObjectNode {
  return steps.reduce((node, step) => {
    const field = fieldOf(node, step)
    const place = step.element.array ? itemOf(field, step.selector as Selector) : field
    if (place.leaf) throw new Error(`"${step.name}" is given whole by another rule`)
    return (place.object ??= objectNode())
  }, root)
}

function fieldOf(node: ObjectNode, { name, element }: Step): FieldNode {
  let field = node.fields.get(name)
  if (!field) node.fields.set(name, (field = { element, items: [] }))
  return field
}

function itemOf(field: FieldNode, selector: Selector): ItemNode {
  const wanted = JSON.stringify(selector)
  let item = field.items.find((each) => JSON.stringify(each.selector) === wanted)
  if (!item) field.items.push((item = { selector }))
  return item
}
