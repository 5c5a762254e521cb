/**
 * Reads values out of a resource along compiled element paths.
 *
 * Many paths are merged into one tree, so that all search parameters of a type are served by one walk that visits each
 * element once and only where the resource has it.
 */
import { type Condition, type ElementPath, elementPaths, type JsonObject, type Step } from './element-paths.ts'
import { isPrimitive } from './elements.ts'

/** What is done with a value at the end of a path; `sibling` is the `_name` beside a primitive, if any. */
export type Take<Sink> = (value: unknown, sibling: unknown, sink: Sink) => void

/** One element and what hangs below it. Elements under different conditions are different branches. */
export interface Branch<Sink> {
  readonly name: string
  readonly sibling: string
  readonly index: number | undefined
  readonly condition: Condition | undefined
  readonly takes: Take<Sink>[]
  readonly branches: Branch<Sink>[]
  /** A primitive ends here, so its `_name` matters too. */
  primitive: boolean
}

export function addPath<Sink>(branches: Branch<Sink>[], path: ElementPath, take: Take<Sink>): void {
  let below = branches
  let branch: Branch<Sink> | undefined
  for (const step of path.steps) {
    branch = branchFor(below, step)
    below = branch.branches
  }
  branch?.takes.push(take)
  if (branch !== undefined && isPrimitive(path.type)) branch.primitive = true
}

function branchFor<Sink>(branches: Branch<Sink>[], { name, index, condition }: Step): Branch<Sink> {
  const same = branches.find((it) => it.name === name && it.index === index && it.condition?.text === condition?.text)
  if (same !== undefined) return same
  const sibling = `_${name}`
  const branch: Branch<Sink> = { name, sibling, index, condition, takes: [], branches: [], primitive: false }
  branches.push(branch)
  return branch
}

export function walk<Sink>(branches: Branch<Sink>[], object: JsonObject, resource: JsonObject, sink: Sink): void {
  for (const branch of branches) {
    const value = object[branch.name]
    const sibling = branch.primitive ? object[branch.sibling] : undefined
    if (value === undefined && sibling === undefined) continue
    if (Array.isArray(value) || Array.isArray(sibling)) visitAll(branch, value, sibling, resource, sink)
    else visit(branch, value, sibling, resource, sink)
  }
}

/** Primitives and their siblings are two arrays of equal length, filled up with null (R4 json.html#primitive). */
function visitAll<Sink>(
  branch: Branch<Sink>,
  value: unknown,
  sibling: unknown,
  resource: JsonObject,
  sink: Sink,
): void {
  const values: unknown[] = Array.isArray(value) ? value : []
  const siblings: unknown[] = Array.isArray(sibling) ? sibling : []
  const first = branch.index ?? 0
  const last = branch.index === undefined ? Math.max(values.length, siblings.length) : first + 1
  for (let i = first; i < last; i++) visit(branch, values[i], siblings[i], resource, sink)
}

function visit<Sink>(branch: Branch<Sink>, value: unknown, sibling: unknown, resource: JsonObject, sink: Sink): void {
  if (branch.condition !== undefined && !(isObject(value) && branch.condition.holds(value, resource))) return
  for (const take of branch.takes) take(value ?? undefined, sibling ?? undefined, sink)
  if (branch.branches.length > 0 && isObject(value)) walk(branch.branches, value, resource, sink)
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null
}

/** The values an expression selects from a resource of `type`. */
export function compilePath(expression: string, type: string): (resource: JsonObject) => unknown[] {
  const branches: Branch<unknown[]>[] = []
  const paths = elementPaths(expression, type)
  for (const path of paths) addPath(branches, path, collect)
  const presence = paths.some((path) => path.presence)
  return (resource) => {
    const values: unknown[] = []
    walk(branches, resource, resource, values)
    return presence ? [isPresent(values)] : values
  }
}

/** `X.exists() and X != false`. */
export function isPresent(values: readonly unknown[]): boolean {
  return values.some((value) => value !== false)
}

function collect(value: unknown, _sibling: unknown, values: unknown[]): void {
  if (value !== undefined) values.push(value)
}
