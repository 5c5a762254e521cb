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
    return at + 1 < steps.length ? inside(value, steps, at + 1, list) : primitiveAt(node, name, value, list)
  }
  const items = Array.isArray(value) ? (value as unknown[]) : []
  if (selector.kind === 'repeat') {
    const fitting = items.filter((item) => fits(item, selector.tests))
    const values = fitting.flatMap((item) => inside(item, steps, at + 1, list) ?? [])
    return values.length > 0 ? values : undefined
  }
  const item = selector.kind === 'index' ? items[selector.index] : items.find((each) => fits(each, selector.tests))
  return inside(item, steps, at + 1, list)
}

function inside(value: unknown, steps: readonly Step[], at: number, list: boolean): unknown {
  if (value === undefined || at === steps.length) return value
  return typeof value === 'object' && value !== null ? valueAt(value as Json, steps, at, list) : undefined
}

/** `_name` by name: joining the two costs more than looking there. */
const siblings = new Map<string, string>()

function siblingOf(name: string): string {
  const known = siblings.get(name)
  if (known !== undefined) return known
  siblings.set(name, `_${name}`)
  return `_${name}`
}

function primitiveAt(node: Json, name: string, value: unknown, list: boolean): unknown {
  if (list) return value
  const sibling = node[siblingOf(name)] as { extension?: object[] } | undefined
  return sibling?.extension ? new ExtendedPrimitive(value, sibling.extension) : value
}

export function fits(item: unknown, tests: readonly Test[]): boolean {
  return tests.every(({ path, value, target }) => leadsTo(item, path, 0, target ? pointsAt : isSame, value))
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
