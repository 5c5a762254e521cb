/**
 * `row-code`: `[foreign key, keys, words]` of a small catalogue joined whole (`on: all`) ↔ code, through a table.
 *
 * The code of the row that the key names; on write, the key of the row that has the code's word. A key that names no
 * row reads as the table's `else`.
 */
import { codeKey, normaliseWord } from '../code-table.ts'
import type { CodeTable, FhirCode } from '../code-table.ts'
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { keyText } from '../identity.ts'
import { lookUp, notInTable } from './code.ts'

/** The columns of the catalogue, one entry a row. */
interface Catalogue {
  readonly keys: readonly unknown[]
  readonly words: readonly unknown[]
}

function catalogueOf([, keys, words]: readonly unknown[]): Catalogue {
  return { keys: (keys ?? []) as readonly unknown[], words: (words ?? []) as readonly unknown[] }
}

function codeOf(table: CodeTable, key: unknown, { keys, words }: Catalogue): FhirCode | undefined {
  const row = key === null ? -1 : keys.findIndex((each) => keyText(each) === keyText(key))
  const word = row < 0 ? null : words[row]
  return (word === null ? undefined : lookUp(table, word)) ?? table.otherwise
}

function read(table: CodeTable, stored: unknown, context: CodecContext): FhirCode | undefined {
  const columns = stored as readonly unknown[]
  if (columns[0] === null) return undefined
  const code = codeOf(table, columns[0], catalogueOf(columns))
  if (code === undefined) context.warn(`the row of this key has no word of the code table ${table.name}`)
  return code
}

function write(table: CodeTable, fhir: string | undefined, before: unknown): unknown[] {
  const columns = before as readonly unknown[]
  const [key, ...rest] = columns
  if (fhir === undefined) return [null, ...rest]
  const catalogue = catalogueOf(columns)
  const held = codeOf(table, key ?? null, catalogue)
  if (key !== null && held !== undefined && codeKey(held) === fhir) return [key, ...rest]
  const word = table.toStored.get(fhir)
  if (word === undefined) throw notInTable(table, fhir)
  const row = catalogue.words.findIndex((each) => each !== null && normaliseWord(each) === normaliseWord(word))
  if (row >= 0) return [catalogue.keys[row], ...rest]
  throw new NotStorableError(`The source's catalogue has no row "${String(word)}"; add it there first.`)
}

export const rowCode: CodecDefinition = {
  name: 'row-code',
  types: ['code'],
  fields: 3,
  table: 'required',
  make: ({ table }) => ({
    read: (stored, context) => read(table as CodeTable, stored, context),
    write: (fhir, before) => write(table as CodeTable, fhir as string | undefined, before),
  }),
}
