/**
 * `text-in-json` + `member`: fields `[column.member, column]` ↔ string: the text member of a JSON column, or the column
 * itself where it holds plain text (a report somebody typed instead of the object the app writes).
 *
 * Written, plain text stays plain text and an object keeps its other members. An empty column becomes JSON text: the
 * databases that have such columns know no other.
 */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { readText, storeText } from './text.ts'

/** Neither empty nor JSON of an object or array, whole or broken. */
function isPlain(column: unknown): column is string {
  return typeof column === 'string' && !/^\s*([[{]|null\s*$|$)/.test(column)
}

function isEmpty(column: unknown): boolean {
  return column === null || (typeof column === 'string' && /^\s*(null|\{\s*\}|\[\s*\])?\s*$/.test(column))
}

function read(stored: unknown): string | undefined {
  const [member, column] = stored as readonly unknown[]
  return isPlain(column) ? readText(column) : readText(member)
}

function write(name: string, fhir: unknown, before: unknown): unknown[] {
  const [member, column] = before as readonly unknown[]
  if (isPlain(column)) return [member, storeText(fhir, column)]
  const text = storeText(fhir, member)
  if (text !== null && isEmpty(column)) return [member, JSON.stringify({ [name]: text })]
  if (text !== null && !holdsObject(column)) {
    throw new NotStorableError('The column holds JSON that is no object; mend it in the source first.')
  }
  return [text, column]
}

function holdsObject(column: unknown): boolean {
  if (typeof column !== 'string') return !Array.isArray(column)
  try {
    return !Array.isArray(JSON.parse(column))
  } catch {
    return false
  }
}

export const textInJson: CodecDefinition = {
  name: 'text-in-json',
  types: ['string', 'markdown'],
  fields: 2,
  options: { member: { type: 'string', minLength: 1 } },
  make({ member }) {
    if (typeof member !== 'string') throw new Error('the codec "text-in-json" needs a "member": its name')
    return { read, write: (fhir, before) => write(member, fhir, before) }
  },
}
