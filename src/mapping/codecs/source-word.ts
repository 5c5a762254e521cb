/** `source-word`: the stored word where its code would write another one back (entities G7). Read only. */
import { codeKey, normaliseWord } from '../code-table.ts'
import type { CodeTable, FhirCode } from '../code-table.ts'
import type { CodecDefinition } from '../codec.ts'

/** The words, normalised, that come back from their codes. */
function writtenWords({ toFhir, toStored }: CodeTable): ReadonlySet<unknown> {
  const isWritten = ([word, code]: readonly [string, FhirCode]): boolean => {
    const written = toStored.get(codeKey(code))
    return written !== undefined && normaliseWord(written) === word
  }
  return new Set([...toFhir].filter(isWritten).map(([word]) => word))
}

export const sourceWord: CodecDefinition = {
  name: 'source-word',
  types: ['code', 'string'],
  fields: 1,
  table: 'required',
  make({ table }) {
    const written = writtenWords(table as CodeTable)
    return {
      read(stored) {
        if (written.has(stored) || written.has(normaliseWord(stored))) return undefined
        return String(stored).trim().replace(/\s+/g, ' ') || undefined
      },
    }
  },
}
