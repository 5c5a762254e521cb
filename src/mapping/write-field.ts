/** Puts one value into a copy of the rows: a column, a member of a JSON column, an element of an `each` array. */
import { NotStorableError } from './errors.ts'
import { fromJson, parseField } from './field.ts'
import type { Field } from './field.ts'
import type { Row, Rows } from './lens.ts'

/** `each` is `[alias, array field]` where the mapping makes one resource an element. */
export function writeField(rows: Rows, field: Field, value: unknown, each?: readonly [string, string]): Rows {
  if (each && field.alias === each[0]) return writeElement(rows, field, value, each)
  const row = rows[field.alias] as Row | undefined
  if (!row) throw new NotStorableError(`the source has no row of ${field.alias} that could hold it`)
  return { ...rows, [field.alias]: { ...row, [field.column]: columnValue(row[field.column], field.members, value) } }
}

function writeElement(rows: Rows, field: Field, value: unknown, [alias, text]: readonly [string, string]): Rows {
  const element = rows[alias] as unknown
  const array = parseField(text)
  const owner = rows[array.alias] as Row
  const column = owner[array.column]
  const list = fromJson(column) as unknown[]
  const written = field.column === '' ? value : withMember(element as Row, [field.column, ...field.members], value)
  const changed = list.map((item) => (sameElement(item, element) ? written : item))
  const stored = typeof column === 'string' ? JSON.stringify(changed) : changed
  return { ...rows, [alias]: written as Row, [array.alias]: { ...owner, [array.column]: stored } }
}

/** Elements are found by identity, or by content where the column is JSON text and was parsed anew. */
function sameElement(item: unknown, element: unknown): boolean {
  return item === element || JSON.stringify(item) === JSON.stringify(element)
}

/** JSON text stays JSON text. */
function columnValue(before: unknown, members: readonly string[], value: unknown): unknown {
  if (members.length === 0) return value
  const changed = withMember((fromJson(before) as Row | null) ?? {}, members, value)
  return typeof before === 'string' ? JSON.stringify(changed) : changed
}

function withMember(object: Row, [name = '', ...rest]: readonly string[], value: unknown): Row {
  if (rest.length === 0) return { ...object, [name]: value }
  return { ...object, [name]: withMember((object[name] as Row | undefined) ?? {}, rest, value) }
}
