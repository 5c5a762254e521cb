/** Finds the value a rule's path names in a resource: the way back of the element builder. */
import { isRawJSON } from './exact.ts'
import { ExtendedPrimitive } from './codec.ts'
import type { ElementPath, Step, Test } from './element-path.ts'

type Json = Readonly<Record<string, unknown>>

/** The value at the path, undefined when there is none; of a `[]` path the list of values. */
export function elementValue(resource: object, path: ElementPath): unknown {
  return valueAt(resource as Json, path.steps, path.list)
}

function valueAt(node: Json, steps: readonly Step[], list: boolean): unknown {
  const [step, ...rest] = steps
  if (!step) return node
  const value = node[step.name]
  const { selector } = step
  if (!selector) return rest.length > 0 ? inside(value, rest, list) : primitiveAt(node, step.name, value, list)
  const items = Array.isArray(value) ? (value as unknown[]) : []
  if (selector.kind === 'repeat') {
    const values = items.flatMap((item) => (fits(item, selector.tests) ? (inside(item, rest, list) ?? []) : []))
    return values.length > 0 ? values : undefined
  }
  const item = selector.kind === 'index' ? items[selector.index] : items.find((each) => fits(each, selector.tests))
  return inside(item, rest, list)
}

function inside(value: unknown, rest: readonly Step[], list: boolean): unknown {
  if (value === undefined || rest.length === 0) return value
  return typeof value === 'object' && value !== null ? valueAt(value as Json, rest, list) : undefined
}

function primitiveAt(node: Json, name: string, value: unknown, list: boolean): unknown {
  const sibling = node[`_${name}`] as { extension?: object[] } | undefined
  if (!sibling?.extension || list) return value
  return new ExtendedPrimitive(value, sibling.extension)
}

export function fits(item: unknown, tests: readonly Test[]): boolean {
  return tests.every(({ path, value, target }) => {
    const found = path.reduce<unknown[]>(
      (nodes, name) => nodes.flatMap((node) => (node as Json | undefined)?.[name]),
      [item],
    )
    return found.some((each) => (target ? pointsAt(each, value) : each === value))
  })
}

function pointsAt(reference: unknown, type: string): boolean {
  const { reference: literal, type: named } = (reference ?? {}) as { reference?: string; type?: string }
  return literal?.startsWith(`${type}/`) ?? named === type
}

/** Deep equality of FHIR and stored values; numbers are equal when their digits are (`37.10` is not `37.1`). */
export function sameValue(a: unknown, b: unknown): boolean {
  return equal(a, b, (one, other) => one === other)
}

/**
 * Is what was sent what is there? A client that knows numbers as doubles only sends 37.1 for the 37.10 it read, and means
 * no change; one that sends more digits means them.
 */
export function isUnchanged(sent: unknown, there: unknown): boolean {
  return equal(sent, there, (one, other) => one === other || one === withoutZeros(other))
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
}

function equal(a: unknown, b: unknown, sameDigits: (a: string, b: string) => boolean): boolean {
  if (a === b) return true
  if (isNumber(a) && isNumber(b)) return sameDigits(numberText(a), numberText(b))
  if (a instanceof Date || b instanceof Date) return sameMoment(a, b)
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => equal((a as Json)[name], (b as Json)[name], sameDigits))
  )
}

function sameMoment(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date && a.getTime() === b.getTime()
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || isRawJSON(value)
}

function numberText(value: unknown): string {
  return JSON.stringify(value)
}
