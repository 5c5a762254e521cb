/**
 * `concept`: a word of a code table ↔ CodeableConcept; the stored word is its text. An unknown word is text only.
 *
 * On write the coding decides. Its display, and a text that only says the same in words, come from the table anyway;
 * any other text beside a coding is refused. `unknown: text` says that other words are to be expected: none is counted.
 */
import { normaliseWord } from '../code-table.ts'
import type { CodeTable, FhirCode } from '../code-table.ts'
import type { Codec, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { inKindOf, lookUp, notInTable } from './code.ts'
import { covers } from './covers.ts'
import { readText, storeText } from './text.ts'

interface Coding {
  readonly system?: string
  readonly code?: string
  readonly display?: string
}

interface Concept {
  readonly coding?: readonly Coding[]
  readonly text?: string
}

function codingOf(table: CodeTable, code: string): Coding {
  const display = table.display.get(code)
  return { ...(table.system && { system: table.system }), code, ...(display && { display }) }
}

/** The codings of every code, made once: rows share them. */
function codingsOf(table: CodeTable): ReadonlyMap<FhirCode, readonly Coding[]> {
  const codes = [...table.toFhir.values(), ...(table.otherwise === undefined ? [] : [table.otherwise])]
  return new Map(codes.map((code) => [code, Object.freeze([code].flat().map((each) => codingOf(table, each)))]))
}

function read(
  table: CodeTable,
  codings: ReadonlyMap<FhirCode, readonly Coding[]>,
  stored: unknown,
  warn: (reason: string) => void,
): Concept | undefined {
  const text = readText(stored)
  if (text === undefined) return undefined
  const coding = codings.get(lookUp(table, stored) ?? table.otherwise ?? '')
  if (coding !== undefined) return { coding, text }
  warn(`a word is missing from the code table ${table.name}`)
  return { text }
}

/** The stored word of the codings, which are all of the table's system and one of its codes. */
function wordOf(table: CodeTable, codings: readonly Coding[], before: unknown): unknown {
  const strange = codings.find(({ system }) => system !== table.system)
  if (strange) throw new NotStorableError(`The source holds codes of ${table.system} only.`)
  const key = codings.map((coding) => coding.code ?? '').join(' ')
  const held = before === null || before === undefined ? undefined : (lookUp(table, before) ?? table.otherwise)
  if (held !== undefined && [held].flat().join(' ') === key) return before
  const word = table.toStored.get(key)
  if (word === undefined) throw notInTable(table, key)
  return inKindOf(before, word)
}

/** `Married`, `married` or `M` beside the coding M, or the text of the word that gives way. */
function saysTheSame(table: CodeTable, text: string, { code = '', display }: Coding, before: unknown): boolean {
  const said = normaliseWord(text)
  const names = [code, display ?? '', table.display.get(code) ?? '', readText(before) ?? ''].map(normaliseWord)
  return names.includes(said) || lookUp(table, text) === code
}

function write(table: CodeTable, fhir: Concept, before: unknown): unknown {
  const { coding = [], text } = fhir
  const [first] = coding
  if (!covers({ coding, text }, fhir))
    throw new NotStorableError('The source holds only the coding and text of this concept.')
  if (first === undefined) return storeText(text, before)
  if (text !== undefined && !saysTheSame(table, text, first, before)) {
    throw new NotStorableError('The source cannot hold a text of its own beside this code; leave the text out.')
  }
  return wordOf(table, coding, before)
}

function conceptCodec(table: CodeTable, expected: boolean): Codec {
  if (!table.system) throw new Error(`the code table ${table.name} needs a "system" to stand for concepts`)
  const codings = codingsOf(table)
  return {
    read: (stored, context) => read(table, codings, stored, (reason) => expected || context.warn(reason)),
    write: (fhir, before) => (fhir === undefined ? null : write(table, fhir as Concept, before)),
  }
}

export const concept: CodecDefinition = {
  name: 'concept',
  types: ['CodeableConcept'],
  fields: 1,
  table: 'required',
  options: { unknown: { enum: ['text'] } },
  make: ({ table, unknown }) => conceptCodec(table as CodeTable, unknown === 'text'),
}
