/**
 * The `field:` side of a rule: `u.dateOfBirth`, `c.address.street`, `m` (an element of `each`).
 *
 * Null, missing and '' are one thing here: null (entities G5).
 */
import type { Row, Rows } from './lens.ts'

export interface Field {
  readonly text: string
  readonly alias: string
  /** '' for the alias itself */
  readonly column: string
  /** members of a JSON column */
  readonly members: readonly string[]
}

export type Accessor<Source = Rows> = (source: Source) => unknown

export function parseField(text: string): Field {
  const [alias = '', column = '', ...members] = text.split('.')
  return { text, alias, column, members }
}

/** `alias.column`, without the members of a JSON column. */
export function columnText({ text, alias, column, members }: Field): string {
  return members.length === 0 ? text : `${alias}.${column}`
}

/** Reads the field; of a `many` alias, the list of the column's values, one a row. */
export function compileAccessor(field: Field, many = false): Accessor {
  const { alias, column, members } = field
  const inRow = compileInRow(field)
  if (!many && column !== '' && members.length === 0) return columnReader(alias, column)
  if (!many) return (rows) => inRow(rows[alias] as Row | undefined)
  return (rows) => {
    const list = rows[alias]
    return Array.isArray(list) && list.length > 0 ? list.map(inRow) : null
  }
}

/** Most fields are a column of one row: read without a step between. */
function columnReader(alias: string, column: string): Accessor {
  return (rows) => {
    const row = rows[alias] as Row | undefined
    return row === undefined ? null : filled(row[column])
  }
}

function compileInRow({ column, members }: Field): (row: Row | undefined) => unknown {
  if (column === '') return (row) => filled(row)
  if (members.length === 0) return (row) => (row === undefined ? null : filled(row[column]))
  return (row) => {
    let value = row === undefined ? null : fromJson(row[column])
    for (const member of members) {
      if (typeof value !== 'object' || value === null) return null
      value = (value as Row)[member]
    }
    return filled(value)
  }
}

/** Null for null, missing and ''. */
export function filled(value: unknown): unknown {
  return value === undefined || value === '' ? null : value
}

/** A JSON column holds an object or array, or the text of one; bad JSON reads as nothing (entities §3.4). */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const text = value.trim()
  if (!(text.startsWith('[') && text.endsWith(']')) && !(text.startsWith('{') && text.endsWith('}'))) return null
  try {
    return JSON.parse(value) as unknown
  } catch {
    return null
  }
}

/** The elements of an array column, or of the JSON text of one. */
export function elementsIn(value: unknown): readonly unknown[] {
  const list = fromJson(value)
  return Array.isArray(list) ? (list as unknown[]) : []
}
