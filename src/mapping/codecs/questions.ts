/**
 * `questions` + `table`: JSON `[{ id, text, type, options: [{ value, label }] }]` → the items of a Questionnaire.
 *
 * The table says which item type a word of the source is; its `else` is for a question without type. A question with
 * options and no type is a choice. linkIds are unique (que-2): a question without id is known by its place, a second
 * one with the same id gets its place too. Read only: answers already given hang on these ids.
 */
import type { QuestionnaireItem, QuestionnaireItemAnswerOption } from '@medplum/fhirtypes'
import type { CodeTable } from '../code-table.ts'
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { lookUp } from './code.ts'
import { readJson } from './json-column.ts'
import { readText } from './text.ts'

interface Question {
  readonly id?: unknown
  readonly text?: unknown
  readonly type?: unknown
  readonly required?: unknown
  readonly options?: unknown
}

type ItemType = QuestionnaireItem['type']

function read(table: CodeTable, stored: unknown, context: CodecContext): QuestionnaireItem[] | undefined {
  const used = new Set<string>()
  const items = listIn(stored, context).flatMap((each, index) => {
    const question: Question = typeof each === 'string' ? { text: each } : (each ?? {})
    const id = scalarText(question.id)
    const text = scalarText(question.text)
    if (id === undefined && text === undefined) return []
    return [itemOf(table, question, text, linkIdOf(id, index + 1, used))]
  })
  return items.length > 0 ? items : undefined
}

function listIn(stored: unknown, context: CodecContext): readonly (string | Question | null)[] {
  const list = readJson(stored, context) ?? []
  if (Array.isArray(list)) return list as (string | Question | null)[]
  context.warn('the questions are not a list')
  return []
}

function linkIdOf(id: string | undefined, place: number, used: Set<string>): string {
  let linkId = id ?? String(place)
  while (used.has(linkId)) linkId += `-${String(place)}`
  used.add(linkId)
  return linkId
}

function itemOf(table: CodeTable, question: Question, text: string | undefined, linkId: string): QuestionnaireItem {
  const options = optionsOf(question.options)
  const word = scalarText(question.type)
  const type = word === undefined && options.length > 0 ? 'choice' : typeOf(table, word)
  return {
    linkId,
    ...(text !== undefined && { text }),
    type,
    ...(question.required === true && { required: true }),
    // other types than choice take no codes as options (que-5)
    ...(type === 'choice' && options.length > 0 && { answerOption: options }),
  }
}

function typeOf(table: CodeTable, word: string | undefined): ItemType {
  return ((word === undefined ? undefined : lookUp(table, word)) ?? table.otherwise) as ItemType
}

/** `{ value, label }`, or a bare value that is its own label. */
function optionsOf(stored: unknown): QuestionnaireItemAnswerOption[] {
  if (!Array.isArray(stored)) return []
  return stored.flatMap((option: unknown) => {
    const { value, label } = (typeof option === 'object' ? (option ?? {}) : { value: option }) as Record<
      string,
      unknown
    >
    const code = scalarText(value)?.replace(/\s+/g, ' ') // a code has single spaces only
    const display = scalarText(label)
    if (code === undefined && display === undefined) return []
    return [{ valueCoding: { ...(code !== undefined && { code }), ...(display !== undefined && { display }) } }]
  })
}

/** What is no text, number or boolean says nothing here. */
function scalarText(value: unknown): string | undefined {
  return typeof value === 'object' ? undefined : readText(value)
}

export const questions: CodecDefinition = {
  name: 'questions',
  types: ['Questionnaire.item'],
  fields: 1,
  list: true,
  table: 'required',
  make({ table }) {
    const types = table as CodeTable
    if (typeof types.otherwise !== 'string') throw new Error(`the code table ${types.name} needs an "else"`)
    return { read: (stored, context) => read(types, stored, context) }
  },
}
