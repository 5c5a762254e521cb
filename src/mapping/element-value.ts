/** Finds the value a rule's path names in a resource: the way back of the element builder. */
import { isRawJSON } from './exact.ts'
import { ExtendedPrimitive } from './codec.ts'
import type { ElementPath, Step, Test } from './element-path.ts'

type Json = Readonly<Record<string, unknown>>

/** The value at the path, undefined when there is none; of a `[]` path the list of values. */
export function elementValue(resource: object, { steps, list }: ElementPath): unknown {
  return valueAt(resource as Json, steps, 0, list)
}

function valueAt(node: Json, steps: readonly Step[], at: number, list: boolean): unknown {
  const step = steps[at]
  if (!step) return node
  const { name, selector } = step
  const value = node[name]
  if (!selector) {
    return at + 1 < steps.length ? inside(value, steps, at + 1, list) : primitiveAt(node, step, value, list)
  }
  const items = Array.isArray(value) ? (value as unknown[]) : []
  if (selector.kind === 'repeat') {
    const fitting = items.filter((item) => fits(item, selector.tests))
    const values = fitting.flatMap((item) => inside(item, steps, at + 1, list) ?? [])
    return values.length > 0 ? values : undefined
  }
  const item = selector.kind === 'index' ? items[selector.index] : firstFitting(items, selector.tests)
  return inside(item, steps, at + 1, list)
}

function firstFitting(items: readonly unknown[], tests: readonly Test[]): unknown {
  for (const item of items) if (fits(item, tests)) return item
  return undefined
}

function inside(value: unknown, steps: readonly Step[], at: number, list: boolean): unknown {
  if (value === undefined || at === steps.length) return value
  return typeof value === 'object' && value !== null ? valueAt(value as Json, steps, at, list) : undefined
}

function primitiveAt(node: Json, { sibling: name }: Step, value: unknown, list: boolean): unknown {
  if (list || name === undefined) return value
  const sibling = node[name] as { extension?: object[] } | undefined
  return sibling?.extension ? new ExtendedPrimitive(value, sibling.extension) : value
}

export function fits(item: unknown, tests: readonly Test[]): boolean {
  for (const { path, value, target } of tests) {
    if (!leadsTo(item, path, 0, target ? pointsAt : isSame, value)) return false
  }
  return true
}

/** Does one of the values at the path answer the question? */
function leadsTo(
  node: unknown,
  path: readonly string[],
  at: number,
  answers: (found: unknown, wanted: string) => boolean,
  wanted: string,
): boolean {
  if (at === path.length) return answers(node, wanted)
  const value = (node as Json | undefined)?.[path[at] as string]
  if (!Array.isArray(value)) return leadsTo(value, path, at + 1, answers, wanted)
  return value.some((each) => leadsTo(each, path, at + 1, answers, wanted))
}

function isSame(found: unknown, wanted: string): boolean {
  return found === wanted
}

function pointsAt(reference: unknown, type: string): boolean {
  const { reference: literal, type: named } = (reference ?? {}) as { reference?: string; type?: string }
  return literal?.startsWith(`${type}/`) ?? named === type
}

/** Deep equality of FHIR and stored values; numbers are equal when their digits are (`37.10` is not `37.1`). */
export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || equal(a, b, isSameText)
}

function isSameText(one: string, other: string): boolean {
  return one === other
}

/**
 * Is what was sent what is there? A client that knows numbers as doubles only sends 37.1 for the 37.10 it read, and means
 * no change; one that sends more digits means them.
 */
export function isUnchanged(sent: unknown, there: unknown): boolean {
  return sent === there || equal(sent, there, isSameButForZeros)
}

function isSameButForZeros(one: string, other: string): boolean {
  return one === other || one === withoutZeros(other)
}

function withoutZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
}

type SameDigits = (a: string, b: string) => boolean

function equal(a: unknown, b: unknown, sameDigits: SameDigits): boolean {
  if (a === b) return true
  if (typeof a === 'string' || typeof b === 'string') return false
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return equalNumbers(a, b, sameDigits)
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b, sameDigits)
  if (a instanceof Date || b instanceof Date) return sameMoment(a, b)
  if (isRawJSON(a)) return equalNumbers(a, b, sameDigits)
  return !Array.isArray(b) && equalMembers(a as Json, b as Json, sameDigits)
}

function equalNumbers(a: unknown, b: unknown, sameDigits: SameDigits): boolean {
  return isNumber(a) && isNumber(b) && sameDigits(JSON.stringify(a), JSON.stringify(b))
}

function equalLists(a: readonly unknown[], b: readonly unknown[], sameDigits: SameDigits): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i], sameDigits)) return false
  return true
}

function equalMembers(a: Json, b: Json, sameDigits: SameDigits): boolean {
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  for (const name of names) if (!equal(a[name], b[name], sameDigits)) return false
  return true
}

function sameMoment(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date && a.getTime() === b.getTime()
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || isRawJSON(value)
}
