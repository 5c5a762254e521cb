/**
 * `questions` + `table`: JSON `[{ id, text, type, options: [{ value, label }] }]` → the items of a Questionnaire.
 *
 * The table says which item type a word of the source is; its `else` is for a question without type. A question with
 * options and no type is a choice. linkIds are unique (que-2): a question without id is known by its place, a second
 * one with the same id gets its place too. Read only: answers already given hang on these ids.
 */
import type { Coding, QuestionnaireItem } from '@medplum/fhirtypes'
import type { CodeTable } from '../code-table.ts'
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { lookUp } from './code.ts'
import { readJson } from './json-column.ts'
import { isBsonNumber } from './numeral.ts'
import { readText } from './text.ts'

interface StoredQuestion {
  readonly id?: unknown
  readonly text?: unknown
  readonly type?: unknown
  readonly required?: unknown
  readonly options?: unknown
}

/** A question as FHIR knows it. */
export interface Question {
  readonly linkId: string
  readonly text?: string
  readonly type: QuestionnaireItem['type']
  readonly required: boolean
  readonly options: readonly QuestionOption[]
}

export interface QuestionOption {
  /** as the source stores it, and its answers */
  readonly value: unknown
  readonly coding: Coding
}

/** The questions of a form, in order. */
export function questionsIn(table: CodeTable, stored: unknown, context: CodecContext): Question[] {
  const used = new Set<string>()
  return listIn(stored, context).flatMap((each, index) => {
    const question: StoredQuestion = typeof each === 'string' ? { text: each } : (each ?? {})
    const id = scalarText(question.id)
    const text = scalarText(question.text)
    if (id === undefined && text === undefined) return []
    return [questionOf(table, question, text, linkIdOf(id, index + 1, used))]
  })
}

function listIn(stored: unknown, context: CodecContext): readonly (string | StoredQuestion | null)[] {
  const list = readJson(stored, context) ?? []
  if (Array.isArray(list)) return list as (string | StoredQuestion | null)[]
  context.warn('the questions are not a list')
  return []
}

function linkIdOf(id: string | undefined, place: number, used: Set<string>): string {
  let linkId = id ?? String(place)
  while (used.has(linkId)) linkId += `-${String(place)}`
  used.add(linkId)
  return linkId
}

function questionOf(table: CodeTable, stored: StoredQuestion, text: string | undefined, linkId: string): Question {
  const options = optionsOf(stored.options)
  const word = scalarText(stored.type)
  const type = word === undefined && options.length > 0 ? 'choice' : typeOf(table, word)
  return {
    linkId,
    ...(text !== undefined && { text }),
    type,
    required: stored.required === true,
    // other types than choice take no codes as options (que-5)
    options: type === 'choice' ? options : [],
  }
}

function typeOf(table: CodeTable, word: string | undefined): Question['type'] {
  return ((word === undefined ? undefined : lookUp(table, word)) ?? table.otherwise) as Question['type']
}

/** `{ value, label }`, or a bare value that is its own label. */
function optionsOf(stored: unknown): QuestionOption[] {
  if (!Array.isArray(stored)) return []
  return stored.flatMap((option: unknown) => {
    const { value, label } = (typeof option === 'object' ? (option ?? {}) : { value: option }) as Record<
      string,
      unknown
    >
    const code = codeText(value)
    const display = scalarText(label)
    if (code === undefined && display === undefined) return []
    return [{ value, coding: { ...(code !== undefined && { code }), ...(display !== undefined && { display }) } }]
  })
}

/** A code has single spaces only. */
export function codeText(value: unknown): string | undefined {
  return scalarText(value)?.replace(/\s+/g, ' ')
}

/** What is no text, number or boolean says nothing here. */
function scalarText(value: unknown): string | undefined {
  return typeof value === 'object' && !isBsonNumber(value) ? undefined : readText(value)
}

function itemOf({ linkId, text, type, required, options }: Question): QuestionnaireItem {
  return {
    linkId,
    ...(text !== undefined && { text }),
    type,
    ...(required && { required }),
    ...(options.length > 0 && { answerOption: options.map(({ coding }) => ({ valueCoding: coding })) }),
  }
}

function read(table: CodeTable, stored: unknown, context: CodecContext): QuestionnaireItem[] | undefined {
  const items = questionsIn(table, stored, context).map(itemOf)
  return items.length > 0 ? items : undefined
}

/** The table of item types must know what a question without a type is. */
export function itemTypes(table: CodeTable | undefined): CodeTable {
  if (typeof table?.otherwise === 'string') return table
  throw new Error(`the code table ${table?.name ?? ''} needs an "else"`)
}

export const questions: CodecDefinition = {
  name: 'questions',
  types: ['Questionnaire.item'],
  fields: 1,
  list: true,
  table: 'required',
  make({ table }) {
    const types = itemTypes(table)
    return { read: (stored, context) => read(types, stored, context) }
  },
}
