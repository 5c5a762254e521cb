/**
 * Where in a resource the elements are that a FHIRPath expression gives.
 *
 * The library gives values, and two equal texts are one value: so it is asked of a copy in which every object is one of
 * its own, and every primitive has one beside it (its `_name`), which the library hands through. Its nodes then say the
 * place. It is loaded with the first patch, not with the gateway.
 */
import type { Model } from 'fhirpath'
import type { JsonPath } from './element-type.ts'
import { isRawNumber, numberOf } from './json.ts'

/** Finds the places of an expression. Throws a FhirPathError when it is none, or asks for more than may be asked. */
export type FindPlaces = (resource: object, expression: string) => JsonPath[]

export class FhirPathError extends Error {
  override readonly name = 'FhirPathError'
}

interface Node {
  readonly data?: unknown
  readonly _data?: unknown
}

interface Ast {
  readonly type?: string
  readonly text?: string
  readonly children?: readonly Ast[]
}

const LONGEST = 1000
/** An expression may go through a resource for each element of it, not for each pair of elements. */
const MOST_NESTED = 2
/** What leads to elements, and what tells them apart: nothing that makes values, or that runs a pattern of the client. */
const FUNCTIONS = new Set(
  'where first last single skip take tail ofType as is exists empty not extension hasValue count startsWith endsWith contains'.split(
    ' ',
  ),
)

export async function loadPlaces(): Promise<FindPlaces> {
  const [{ default: fhirpath }, { default: model }] = await Promise.all([
    import('fhirpath'),
    import('fhirpath/fhir-context/r4/index.js'),
  ])
  return (resource, expression) => {
    if (expression.length > LONGEST) throw new FhirPathError(`A path may have at most ${LONGEST} characters.`)
    assertAllowed(parsed(() => fhirpath.parse(expression)) as Ast)
    const places = new Map<unknown, JsonPath>()
    let nodes: readonly Node[] = []
    const fn = (inputs: readonly Node[]): [] => {
      nodes = inputs
      return []
    }
    const userInvocationTable = { places: { fn, arity: { 0: [] }, internalStructures: true } }
    const copy = copyOf(resource, [], places) as object
    // The line break ends a comment
    parsed(
      (): unknown =>
        fhirpath.evaluate(copy, `(${expression}\n).places()`, {}, model as Model, { userInvocationTable }) as unknown,
    )
    return nodes.map((node) => placeOf(node, places))
  }
}

function placeOf({ data, _data }: Node, places: ReadonlyMap<unknown, JsonPath>): JsonPath {
  const place = places.get(data) ?? places.get(_data)
  if (!place) throw new FhirPathError('The path gives a value, not an element.')
  return place
}

function parsed(work: () => unknown): unknown {
  try {
    return work()
  } catch (cause) {
    throw new FhirPathError('The path is no FHIRPath expression, or cannot be evaluated here.', { cause })
  }
}

function assertAllowed({ type, children = [] }: Ast, nested = 0): void {
  const isCall = type === 'FunctionInvocation'
  const name = isCall ? (children[0]?.children?.[0]?.text ?? '') : ''
  if (isCall && !FUNCTIONS.has(name)) {
    throw new FhirPathError(`The path of a patch uses no function "${name}"; it knows ${[...FUNCTIONS].join(', ')}.`)
  }
  const depth = nested + (name === 'where' || name === 'exists' ? 1 : 0)
  if (depth > MOST_NESTED) throw new FhirPathError('The conditions of the path are nested too deep.')
  for (const child of children) assertAllowed(child, depth)
}

// ── the copy ─────────────────────────────────────────────────────────────────────────────────────

type Places = Map<unknown, JsonPath>

function copyOf(value: unknown, path: JsonPath, places: Places): unknown {
  if (Array.isArray(value)) return value.map((item, index) => copyOf(item, [...path, index], places))
  if (isRawNumber(value)) return numberOf(value)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  places.set(copy, path)
  for (const [name, member] of Object.entries(value)) {
    const own = name.startsWith('_') ? name.slice(1) : name
    if (isComplex(member) && own === name) copy[name] = copyOf(member, [...path, name], places)
    else if (own === 'resourceType') copy[name] = member
    else if (!Object.hasOwn(copy, `_${own}`)) addPrimitive(copy, value as Members, [...path, own], places)
  }
  return copy
}

type Members = Readonly<Record<string, unknown>>

function isComplex(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isComplex)
  return typeof value === 'object' && value !== null && !isRawNumber(value)
}

/** A primitive, or a list of them, each with an object beside it that stands for its place. */
function addPrimitive(copy: Record<string, unknown>, from: Members, path: JsonPath, places: Places): void {
  const name = String(path.at(-1))
  const [value, beside] = [from[name], from[`_${name}`]]
  const sibling = (own: unknown, ...index: number[]): unknown => {
    const marker = copyOf(own ?? {}, [...path.slice(0, -1), `_${name}`, ...index], places)
    places.set(marker, [...path, ...index])
    return marker
  }
  if (!Array.isArray(value) && !Array.isArray(beside)) {
    if (value !== undefined) copy[name] = copyOf(value, path, places)
    copy[`_${name}`] = sibling(beside)
    return
  }
  const [values, besides] = [listOf(value), listOf(beside)]
  const indexes = Array.from({ length: Math.max(values.length, besides.length) }, (_, index) => index)
  if (value !== undefined) copy[name] = indexes.map((index) => copyOf(values[index] ?? null, path, places))
  copy[`_${name}`] = indexes.map((index) => sibling(besides[index], index))
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}
