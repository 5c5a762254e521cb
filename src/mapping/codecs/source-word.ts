/** `source-word`: the stored word where its code would write another one back (entities G7). Read only. */
import { codeKey, normaliseWord } from '../code-table.ts'
import type { CodeTable } from '../code-table.ts'
import type { CodecDefinition } from '../codec.ts'
import { lookUp } from './code.ts'

function isWritten(table: CodeTable, stored: unknown): boolean {
  const code = lookUp(table, stored)
  if (code === undefined) return false
  const word = table.toStored.get(codeKey(code))
  return word !== undefined && normaliseWord(word) === normaliseWord(stored)
}

export const sourceWord: CodecDefinition = {
  name: 'source-word',
  types: ['code', 'string'],
  fields: 1,
  table: 'required',
  make: ({ table }) => ({
    read: (stored) =>
      isWritten(table as CodeTable, stored) ? undefined : String(stored).trim().replace(/\s+/g, ' ') || undefined,
  }),
}
