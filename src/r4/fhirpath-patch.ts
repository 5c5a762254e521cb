/**
 * FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html): add, insert, delete, replace and move as a Parameters resource.
 * All or nothing: what was given is left as it is.
 */
import type { JsonPath } from './element-type.ts'
import { memberAt, typeAt, valueAt } from './element-type.ts'
import type { FindPlaces } from './fhirpath-places.ts'
import { FhirPathError, loadPlaces } from './fhirpath-places.ts'
import { isRawNumber, type JsonValue } from './json.ts'
import type { Container, Item } from './patch-items.ts'
import { readItems, removeAt, slotOf, writeItems } from './patch-items.ts'
import type { Parameter, Value } from './patch-value.ts'
import { memberFor, valueOf } from './patch-value.ts'
import type { Member } from './structure-plan.ts'

/** A patch that is none, or cannot be applied: one sentence, and which of its operations. */
export class FhirPathPatchError extends Error {
  override readonly name = 'FhirPathPatchError'
  /** `Parameters.parameter[2]` */
  readonly expression: string
  /** It is a patch, but not one for this resource. */
  readonly isMisfit: boolean

  constructor(message: string, expression: string, isMisfit: boolean) {
    super(message)
    this.expression = expression
    this.isMisfit = isMisfit
  }
}

export type FhirPathPatch = (document: JsonValue) => JsonValue

const MOST_OPERATIONS = 250

interface Operation {
  readonly type: string
  readonly path: string
  readonly part: (name: string) => Parameter | undefined
  readonly fail: (sentence: string) => FhirPathPatchError
}

/** Reads the patch, throws when it is none, and gives what it does to a resource. */
export async function fhirPathPatch(parameters: JsonValue): Promise<FhirPathPatch> {
  const operations = operationsOf(parameters)
  const find = await loadPlaces()
  return (document) => {
    const resource = copyOf(document) as Container
    for (const operation of operations) apply(resource, operation, find)
    return resource as JsonValue
  }
}

function operationsOf(parameters: JsonValue): Operation[] {
  const { resourceType, parameter = [] } = (parameters ?? {}) as { resourceType?: unknown; parameter?: unknown }
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) {
    throw new FhirPathPatchError('A FHIRPath Patch is a Parameters resource.', 'resourceType', false)
  }
  if (parameter.length > MOST_OPERATIONS) {
    const sentence = `A FHIRPath Patch has at most ${MOST_OPERATIONS} operations here.`
    throw new FhirPathPatchError(sentence, 'Parameters.parameter', false)
  }
  return (parameter as readonly Parameter[]).map(operationOf)
}

function operationOf({ name, part }: Parameter, index: number): Operation {
  const expression = `Parameters.parameter[${index}]`
  const parts = Array.isArray(part) ? (part as readonly Parameter[]) : []
  const named = (wanted: string): Parameter | undefined => parts.find((each) => each.name === wanted)
  const text = (wanted: string): string => {
    const value = Object.entries(named(wanted) ?? {}).find(([key]) => key.startsWith('value'))?.[1] as unknown
    return typeof value === 'string' ? value : ''
  }
  const operation = {
    ...{ type: text('type'), path: text('path'), part: named },
    fail: (sentence: string) => new FhirPathPatchError(sentence, expression, true),
  }
  if (name === 'operation' && Object.hasOwn(kinds, operation.type) && operation.path !== '') return operation
  const words = Object.keys(kinds).join(', ')
  const sentence = `Each parameter is an "operation" with the parts type (one of ${words}) and path.`
  throw new FhirPathPatchError(sentence, expression, false)
}

function apply(resource: Container, operation: Operation, find: FindPlaces): void {
  try {
    const places = find(resource, operation.path)
    kinds[operation.type as keyof typeof kinds](resource, places, operation)
  } catch (error) {
    throw error instanceof FhirPathError ? operation.fail(error.message) : error
  }
}

type Kind = (resource: Container, places: readonly JsonPath[], operation: Operation) => void

const kinds: Readonly<Record<'add' | 'insert' | 'delete' | 'replace' | 'move', Kind>> = {
  add(resource, places, operation) {
    const place = onlyOne(places, operation)
    const value = valueIn(operation)
    const name = textIn(operation, 'name')
    const { container, type } = inside(resource, place)
    const member = memberFor(type, name, value)
    if (!member) throw operation.fail(`${type} has no element "${name.slice(0, 64)}" of this kind.`)
    const items = readItems(container, member.name)
    const isThere = items.length > 0 || isChosen(container, member)
    if (isThere && !member.array) throw operation.fail(`${name} is there already and cannot repeat: replace it.`)
    writeItems(container, member.name, [...items, value.itemFor(member.type)], member.array)
  },

  insert(resource, places, operation) {
    const { container, name, items, member } = listAt(resource, places, operation)
    const index = numberIn(operation, 'index', items.length)
    writeItems(container, name, items.toSpliced(index, 0, valueIn(operation).itemFor(member.type)), true)
  },

  delete(resource, places, operation) {
    if (places.length > 0) removeAt(resource, onlyOne(places, operation))
  },

  replace(resource, places, operation) {
    const place = onlyOne(places, operation)
    const member = memberAt(resource, place)
    if (!member) throw operation.fail('The whole resource is replaced by an update, not by a patch.')
    const value = valueIn(operation)
    const { container, name, index = 0 } = slotOf(resource, place)
    const item = value.itemFor(member.type)
    const other = member.choice === undefined ? undefined : chosen(resource, place, member.choice, value)
    if (other === undefined || other.name === name) {
      writeItems(container, name, readItems(container, name).with(index, item), member.array)
    } else {
      writeItems(container, name, [], false)
      writeItems(container, other.name, [item], false)
    }
  },

  move(resource, places, operation) {
    const { container, name, items } = listAt(resource, places, operation)
    const source = numberIn(operation, 'source', items.length - 1)
    const destination = numberIn(operation, 'destination', items.length - 1)
    const moved = items[source] as Item
    writeItems(container, name, items.toSpliced(source, 1).toSpliced(destination, 0, moved), true)
  },
}

function chosen(resource: Container, place: JsonPath, choice: string, value: Value): Member | undefined {
  return memberFor(typeAt(resource, slotOf(resource, place).path), choice, value)
}

/** Another type of the same choice. */
function isChosen(container: Container, { choice, name }: Member): boolean {
  if (choice === undefined) return false
  const other = (key: string): boolean => new RegExp(`^_?${choice}[A-Z]`).test(key) && key.replace(/^_/, '') !== name
  return Object.keys(container).some(other)
}

/** The object that elements are added to: of a primitive, the one beside it. */
function inside(resource: Container, place: JsonPath): { container: Container; type: string } {
  const member = memberAt(resource, place)
  if (member?.check === undefined) {
    return { container: valueAt(resource, place) as Container, type: typeAt(resource, place) }
  }
  const { container, name, index = 0 } = slotOf(resource, place)
  const items = readItems(container, name)
  const beside = (items[index]?.beside ?? {}) as Container
  writeItems(container, name, items.with(index, { value: items[index]?.value, beside }), member.array)
  return { container: beside, type: 'Element' }
}

interface List {
  readonly container: Container
  readonly name: string
  readonly items: readonly Item[]
  readonly member: Member
}

/** What the path gives must be one list, and all of it: an index counts in nothing else. */
function listAt(resource: Container, places: readonly JsonPath[], operation: Operation): List {
  const [first] = places
  if (!first) throw operation.fail('There is nothing at this path: add the first one.')
  const { container, name, index } = slotOf(resource, first)
  const items = readItems(container, name)
  const member = memberAt(resource, first)
  const start = first.slice(0, -1).join('/')
  const isWhole = places.every((place, at) => place.at(-1) === at && place.slice(0, -1).join('/') === start)
  if (index === undefined || !member || !isWhole || items.length !== places.length) {
    throw operation.fail('The path must give one list, and all of it.')
  }
  return { container, name, items, member }
}

function onlyOne(places: readonly JsonPath[], { fail }: Operation): JsonPath {
  const [place, second] = places
  if (!place) throw fail('There is nothing at this path.')
  if (second) throw fail('The path gives more than one element: make it narrower.')
  return place
}

function valueIn(operation: Operation): Value {
  const value = valueOf(operation.part('value') ?? {}, operation.fail)
  if (!value) throw operation.fail(`The ${operation.type} must have a value.`)
  return value
}

function textIn({ part, fail, type }: Operation, name: string): string {
  const { valueString, valueCode } = (part(name) ?? {}) as { valueString?: unknown; valueCode?: unknown }
  const text = valueString ?? valueCode
  if (typeof text !== 'string') throw fail(`The ${type} must have a ${name}.`)
  return text
}

function numberIn({ part, fail, type }: Operation, name: string, most: number): number {
  const { valueInteger: value } = (part(name) ?? {}) as { valueInteger?: unknown }
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number
  throw fail(`The ${type} must have ${name}, a whole number from 0 to ${most} here.`)
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf)
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copyOf(member)]))
}
