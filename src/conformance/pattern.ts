/** The constants of an outline: what a value holds wherever it is there, as FHIR's `pattern[x]` says it. */
import { isDeepStrictEqual } from 'node:util'
import type { Test } from '../mapping/element-path.ts'
import { isPrimitive } from '../r4/elements.ts'
import { isAlwaysThere, testsOf } from './outline.ts'
import type { Field, Place } from './outline.ts'

type Json = Readonly<Record<string, unknown>>

/** What the place holds whenever it is there: the discriminators it is known by, and its constants. */
export function patternOf(place: Place, shapes: readonly string[]): unknown {
  const { statements, fields } = place
  if (statements.length > 0) return fields.size === 0 ? constantOf(place, shapes) : undefined
  const parts = [...fields].flatMap(([name, field]) => {
    const value = fieldPattern(field, shapes)
    return value === undefined ? [] : [[name, value] as const]
  })
  const pattern = { ...testedValue(testsOf(place)), ...Object.fromEntries(parts) }
  return Object.keys(pattern).length > 0 ? pattern : undefined
}

/** The one constant that the rules of the place give in every shape. */
function constantOf({ statements }: Place, shapes: readonly string[]): unknown {
  const [first] = statements
  const same = statements.every(({ constant }) => isDeepStrictEqual(constant, first?.constant))
  const whole = shapes.every((shape) => statements.some((each) => (each.shape ?? shape) === shape))
  return same && whole ? first?.constant : undefined
}

/** Only what is there in every resource: another item may be missing. */
function fieldPattern({ element, places }: Field, shapes: readonly string[]): unknown {
  const patterns = [...places.values()].flatMap((place) => {
    const own = isAlwaysThere(place, shapes) ? patternOf(place, shapes) : undefined
    return own === undefined || isHalfCoding(element.type, own) ? [] : [own]
  })
  if (patterns.length === 0) return undefined
  return element.array ? patterns : patterns[0]
}

/** A system without a code, where parts of a mapping have codes of their own: validators take it for a missing code. */
function isHalfCoding(type: string, pattern: unknown): boolean {
  return type === 'Coding' && !Object.hasOwn(pattern as object, 'code')
}

/** `[system=phone]` → `{ system: 'phone' }`; one that reaches through lists gives lists. */
export function testedValue(tests: readonly Test[]): Json {
  return Object.fromEntries(
    tests.flatMap(({ path, lists, value, target }) => {
      if (target) return []
      const [name = '', ...rest] = path
      const below = rest.reduceRight<unknown>((inner, step, i) => ({ [step]: inList(inner, lists[i + 1]) }), value)
      return [[name, inList(below, lists[0])] as const]
    }),
  )
}

function inList(value: unknown, list: boolean | undefined): unknown {
  return list ? [value] : value
}

/** Has every value with the pattern `inner` the pattern `outer` too? */
export function includes(inner: unknown, outer: unknown): boolean {
  if (Array.isArray(outer)) {
    return Array.isArray(inner) && outer.every((part) => inner.some((each) => includes(each, part)))
  }
  if (typeof outer !== 'object' || outer === null) return inner === outer
  if (typeof inner !== 'object' || inner === null) return false
  return Object.entries(outer).every(([name, value]) => includes((inner as Json)[name], value))
}

/** Types whose patterns validators know (HAPI). */
const PATTERNED = new Set([
  ...['Identifier', 'Coding', 'CodeableConcept', 'HumanName', 'Address', 'ContactPoint', 'Attachment'],
  ...['Period', 'Quantity', 'Range', 'Ratio'],
])

/** A concept that is text alone says so in its text: lists are told apart by a value there. */
export function canHavePattern(type: string, pattern: unknown): boolean {
  if (pattern === undefined || isPrimitive(type)) return pattern !== undefined
  const textAlone = type === 'CodeableConcept' && Object.keys(pattern as Json).join() === 'text'
  return PATTERNED.has(type) && !textAlone
}

/** A primitive has its one value; anything else holds at least the pattern. */
export function patternMember(type: string, pattern: unknown): Json {
  if (!canHavePattern(type, pattern)) return {}
  const name = type.charAt(0).toUpperCase() + type.slice(1)
  return { [`${isPrimitive(type) ? 'fixed' : 'pattern'}${name}`]: pattern }
}
