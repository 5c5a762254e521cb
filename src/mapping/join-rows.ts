/** Joins rows that are all at hand (a file, an example), as projection does from the database. */
import { fromJson } from './field.ts'
import { keyText } from './identity.ts'
import type { Lens, Row, Rows } from './lens.ts'

/** Rows by collection. */
export type Collections = Readonly<Record<string, readonly Row[]>>

/** The owner's row and what its lens joins to it. */
export function joinRows(lens: Lens, row: Row | undefined, collections: Collections): Rows {
  const rows: Record<string, Row | readonly Row[] | undefined> = { [lens.alias]: row }
  for (const { alias, collection, from, column = '', kind } of lens.joins) {
    const wanted = from && (rows[from.alias] as Row | undefined)?.[from.column]
    const all = collections[collection] ?? []
    const found = kind === 'all' ? all : all.filter((each) => answers(each[column], wanted))
    rows[alias] = kind === 'one' ? found[0] : found
  }
  return rows
}

/** The column holds the value, or is a list (or its JSON text) that does. */
function answers(stored: unknown, wanted: unknown): boolean {
  if (stored === undefined || stored === null || wanted === undefined || wanted === null) return false
  const list = typeof stored === 'string' ? fromJson(stored) : stored
  if (Array.isArray(list)) return list.some((item) => keyText(item) === keyText(wanted))
  return keyText(stored) === keyText(wanted)
}
