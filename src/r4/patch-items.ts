/**
 * The elements under one name of an object, each with what stands beside it (`given` and `_given`, R4
 * json.html#primitive): read as one list, and written back as JSON wants it.
 */
import type { JsonPath } from './element-type.ts'
import { valueAt } from './element-type.ts'

export type Container = Record<string, unknown>

export interface Item {
  readonly value: unknown
  readonly beside: unknown
}

/** An element as a member of its container; `index` where it is one of a list. */
export interface Slot {
  readonly container: Container
  readonly path: JsonPath
  readonly name: string
  readonly index: number | undefined
}

export function slotOf(resource: Container, place: JsonPath): Slot {
  const last = place.at(-1)
  const index = typeof last === 'number' ? last : undefined
  const end = index === undefined ? -1 : -2
  const path = place.slice(0, end)
  return { container: valueAt(resource, path) as Container, path, name: String(place.at(end)), index }
}

export function readItems(container: Container, name: string): Item[] {
  const [values, besides] = [listOf(container[name]), listOf(container[`_${name}`])]
  return Array.from({ length: Math.max(values.length, besides.length) }, (_, index) => ({
    value: values[index] ?? undefined,
    beside: besides[index] ?? undefined,
  }))
}

export function writeItems(container: Container, name: string, items: readonly Item[], isList: boolean): void {
  put(
    container,
    name,
    items.map(({ value }) => value),
    isList,
  )
  put(
    container,
    `_${name}`,
    items.map(({ beside }) => beside),
    isList,
  )
}

function put(container: Container, name: string, values: readonly unknown[], isList: boolean): void {
  if (values.every((value) => value === undefined)) Reflect.deleteProperty(container, name)
  else container[name] = isList ? values.map((value) => value ?? null) : values[0]
}

/** Takes an element away, and what is empty without it. */
export function removeAt(resource: Container, place: JsonPath): void {
  const { container, path, name, index = 0 } = slotOf(resource, place)
  if (name.startsWith('_')) clearBeside(container, name.slice(1), index)
  else {
    const isList = Array.isArray(container[name]) || Array.isArray(container[`_${name}`])
    writeItems(container, name, readItems(container, name).toSpliced(index, 1), isList)
  }
  if (path.length > 0 && Object.keys(container).length === 0) removeAt(resource, path)
}

function clearBeside(container: Container, name: string, index: number): void {
  const isList = Array.isArray(container[name]) || Array.isArray(container[`_${name}`])
  const items = readItems(container, name)
  const value = items[index]?.value
  const left = value === undefined ? items.toSpliced(index, 1) : items.with(index, { value, beside: undefined })
  writeItems(container, name, left, isList)
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as unknown[]) : [value]
}
