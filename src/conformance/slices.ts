/** Which items of a list a profile tells apart, and by what (https://hl7.org/fhir/R4/profiling.html#slicing). */
import { isDeepStrictEqual } from 'node:util'
import type { Test } from '../mapping/element-path.ts'
import { isPrimitive } from '../r4/elements.ts'
import { testsOf } from './outline.ts'
import type { Field, Place } from './outline.ts'
import { includes, patternOf } from './pattern.ts'

export interface Slice {
  readonly name: string
  readonly place: Place
  /** of the whole item; undefined where items are told apart by elements of theirs */
  readonly pattern: unknown
}

export interface Slices {
  readonly discriminator: readonly { readonly type: string; readonly path: string }[]
  readonly slices: readonly Slice[]
}

export function slicesOf({ element, places }: Field, shapes: readonly string[]): Slices | undefined {
  if (isPrimitive(element.type)) return undefined
  const items = [...places.values()].filter(({ selector }) => selector !== undefined)
  const essence = essences[element.type]
  return essence ? patternSlices(items, shapes, essence) : slicesByElements(items)
}

type Json = Readonly<Record<string, unknown>>

/**
 * The types whose items are told apart by a pattern of the whole, and the part of it that does so: what validators can
 * compare (HAPI's neither text nor display).
 */
const essences: Readonly<Record<string, (pattern: Json) => unknown>> = {
  Identifier: ({ system }) => system && { system },
  CodeableConcept: ({ coding }) => Array.isArray(coding) && { coding: (coding as Json[]).map(codingEssence) },
}

function codingEssence({ system, code }: Json): Json {
  return { system, code }
}

/** None when one item could be taken for another. */
function patternSlices(
  items: readonly Place[],
  shapes: readonly string[],
  essence: (pattern: Json) => unknown,
): Slices | undefined {
  const found = items.flatMap((place) => {
    const whole = patternOf(place, shapes)
    const pattern = typeof whole === 'object' && whole !== null && essence(whole as Json)
    return pattern ? [{ place, pattern }] : []
  })
  const alike = found.some((one) => found.some((other) => one !== other && includes(one.pattern, other.pattern)))
  if (found.length === 0 || alike) return undefined
  const slices = named(found.map((each) => ({ ...each, name: nameOf(each.place, each.pattern) })))
  return { discriminator: [{ type: 'pattern', path: '$this' }], slices }
}

/** Only where every item is known by the same elements of its own; what a reference points at cannot be looked at. */
function slicesByElements(items: readonly Place[]): Slices | undefined {
  const known = items.filter((place) => testsOf(place).length > 0 && !testsOf(place).some(({ target }) => target))
  const [first, ...others] = known.map((place) => testsOf(place).map(discriminatorOf))
  if (!first || others.some((each) => !isDeepStrictEqual(each, first))) return undefined
  const slices = known.map((place) => ({ place, pattern: undefined, name: nameOf(place, undefined) }))
  return { discriminator: first, slices: named(slices) }
}

/** A path that leads through a list ends before it: there a pattern says what is in the list. */
function discriminatorOf({ path, lists }: Test): { type: string; path: string } {
  const list = lists.findIndex((each) => each)
  return list < 0
    ? { type: 'value', path: path.join('.') }
    : { type: 'pattern', path: path.slice(0, Math.max(list, 1)).join('.') }
}

function nameOf(place: Place, pattern: unknown): string {
  const words = testsOf(place).map(({ value }) => value)
  const text = words.at(-1) ?? wordIn(pattern) ?? 'item'
  const last = text.split(/[/#]/).findLast((part) => part !== '') ?? text
  return last.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '') || 'item'
}

/** A code says best what an item is, then a system, then any text. */
function wordIn(pattern: unknown): string | undefined {
  if (typeof pattern === 'string') return pattern
  if (typeof pattern !== 'object' || pattern === null) return undefined
  const members = pattern as Readonly<Record<string, unknown>>
  for (const name of ['code', 'coding', 'type', 'system', 'text', ...Object.keys(members)]) {
    const word = wordIn(Array.isArray(members[name]) ? (members[name] as unknown[])[0] : members[name])
    if (word !== undefined) return word
  }
  return undefined
}

function named(slices: readonly Slice[]): Slice[] {
  const seen = new Map<string, number>()
  return slices.map((slice) => {
    const count = (seen.get(slice.name) ?? 0) + 1
    seen.set(slice.name, count)
    return count === 1 ? slice : { ...slice, name: `${slice.name}-${count}` }
  })
}
