/** `source-word`: the stored word where its code would write another one back (entities G7). Read only. */
import { codeKey, normaliseWord } from '../code-table.ts'
import type { CodeTable, FhirCode } from '../code-table.ts'
import type { CodecDefinition } from '../codec.ts'
import { lookUp } from './code.ts'

/** The word, normalised, that each code is written as. */
function writtenWords({ toFhir, toStored }: CodeTable): ReadonlyMap<FhirCode, string> {
  return new Map(
    [...toFhir.values()].flatMap((code) => {
      const word = toStored.get(codeKey(code))
      return word === undefined ? [] : [[code, normaliseWord(word)] as const]
    }),
  )
}

export const sourceWord: CodecDefinition = {
  name: 'source-word',
  types: ['code', 'string'],
  fields: 1,
  table: 'required',
  make({ table }) {
    const words = writtenWords(table as CodeTable)
    return {
      read(stored) {
        const code = lookUp(table as CodeTable, stored)
        const written = code === undefined ? undefined : words.get(code)
        if (written !== undefined && (written === stored || written === normaliseWord(stored))) return undefined
        return String(stored).trim().replace(/\s+/g, ' ') || undefined
      },
    }
  },
}
