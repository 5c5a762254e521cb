/** The value of an operation of a FHIRPath Patch: a value[x], or parts for what has no type of its own (`Patient.contact`). */
import type { Item } from './patch-items.ts'
import { readItems, writeItems } from './patch-items.ts'
import { planOf } from './structure-plan.ts'
import type { Member } from './structure-plan.ts'

export interface Parameter {
  readonly name?: unknown
  readonly part?: unknown
  readonly resource?: unknown
}

/** Undefined when the parameter has no value. */
export interface Value {
  /** of a value[x]: `HumanName`, `string`; undefined for parts and resources */
  readonly type: string | undefined
  /** as it stands in an element of this type */
  itemFor(type: string): Item
}

/** Throws what `fail` makes of a sentence where the parts are none of the element. */
export function valueOf(parameter: Parameter, fail: (sentence: string) => Error): Value | undefined {
  const name = Object.keys(parameter).find((key) => /^_?value[A-Z]/.test(key))
  if (name !== undefined) {
    const own = name.replace(/^_/, '')
    const [item] = readItems({ ...parameter }, own)
    const word = own.slice('value'.length)
    // The types of primitives begin with a small letter
    const type = planOf(word).members.size > 0 ? word : word.charAt(0).toLowerCase() + word.slice(1)
    return { type, itemFor: () => item ?? { value: undefined, beside: undefined } }
  }
  if (parameter.resource !== undefined) return only({ value: parameter.resource, beside: undefined })
  if (!Array.isArray(parameter.part)) return undefined
  const parts = parameter.part as readonly Parameter[]
  return { type: undefined, itemFor: (type) => ({ value: objectOf(parts, type, fail), beside: undefined }) }
}

function only(item: Item): Value {
  return { type: undefined, itemFor: () => item }
}

function objectOf(parts: readonly Parameter[], type: string, fail: (sentence: string) => Error): object {
  const object: Record<string, unknown> = {}
  for (const part of parts) {
    const value = valueOf(part, fail)
    const member = value && memberFor(type, String(part.name), value)
    if (!value || !member) throw fail(`A part of the value has no value, or is no element of ${type}.`)
    const items = readItems(object, member.name)
    if (items.length > 0 && !member.array) throw fail(`${member.name} can stand once only.`)
    writeItems(object, member.name, [...items, value.itemFor(member.type)], member.array)
  }
  return object
}

/** The element of this name; `value` of a `value[x]` is the one of the value's type. */
export function memberFor(type: string, name: string, value: Value): Member | undefined {
  const { members } = planOf(type)
  const plain = members.get(name)
  if (plain && !plain.sibling) return plain
  return [...members.values()].find((each) => !each.sibling && each.choice === name && each.type === value.type)
}
