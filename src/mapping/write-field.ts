/** Puts one value into a copy of the rows: a column, a member of a JSON column, an element of an `each` array. */
import { NotStorableError } from './errors.ts'
import { parseJson } from '../r4/json.ts'
import { fromJson } from './field.ts'
import type { Field } from './field.ts'
import type { Row, Rows } from './lens.ts'

/** Where the elements are that a mapping makes resources of, and which of them is written. */
export interface ElementPlace {
  readonly alias: string
  readonly field: Field
  readonly index: number
}

export function writeField(rows: Rows, field: Field, value: unknown, each?: ElementPlace): Rows {
  if (each && field.alias === each.alias) return writeElement(rows, field, value, each)
  const row = rows[field.alias] as Row | undefined
  if (!row) throw new NotStorableError(`the source has no row of ${field.alias} that could hold it`)
  return withSet(rows, field.alias, withSet(row, field.column, columnValue(row[field.column], field.members, value)))
}

/** A copy with one member set. */
function withSet<T extends Rows | Row>(object: T, name: string, value: T[string]): T {
  const copy = copyOf(object)
  copy[name] = value
  return copy as T
}

/** V8 keeps an object that took more members than these by name as a dictionary, and takes long to copy it whole. */
const MOST_IN_PLACE = 16

function copyOf(object: Row): Record<string, unknown> {
  const names = Object.keys(object)
  if (names.length <= MOST_IN_PLACE) return Object.assign({}, object)
  const copy: Record<string, unknown> = {}
  for (const name of names) copy[name] = object[name]
  return copy
}

function writeElement(rows: Rows, field: Field, value: unknown, { alias, field: array, index }: ElementPlace): Rows {
  const element = rows[alias] as unknown
  const owner = rows[array.alias] as Row
  const column = owner[array.column]
  const written = field.column === '' ? value : withMember(element as Row, [field.column, ...field.members], value)
  const changed = exactElements(column).with(index, written)
  const stored = typeof column === 'string' ? JSON.stringify(changed) : changed
  const copy: Record<string, Rows[string]> = Object.assign({}, rows)
  copy[alias] = written as Row
  copy[array.alias] = withSet(owner, array.column, stored)
  return copy
}

/** The elements of an array column, or of the JSON text of one, whose numbers keep their digits. */
export function exactElements(column: unknown): unknown[] {
  if (typeof column !== 'string') return column as unknown[]
  return parseJson(column) as unknown[]
}

/** JSON text stays JSON text. */
function columnValue(before: unknown, members: readonly string[], value: unknown): unknown {
  if (members.length === 0) return value
  const changed = withMember((fromJson(before) as Row | null) ?? {}, members, value)
  return typeof before === 'string' ? JSON.stringify(changed) : changed
}

function withMember(object: Row, [name = '', ...rest]: readonly string[], value: unknown): Row {
  if (rest.length === 0) return withSet(object, name, value)
  return withSet(object, name, withMember((object[name] as Row | undefined) ?? {}, rest, value))
}
