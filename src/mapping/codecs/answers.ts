/**
 * `answers`: JSON `{ questionId: answer }` ↔ the items of a QuestionnaireResponse, one a question, its id the linkId.
 * `answers-to` + `table`: `[answers, form's key, keys, questions]`, the last two of all forms (`on: all`): an item says
 * the question too, and an answer that is one of its options is a Coding.
 *
 * A question that was asked and not answered is an item without answer; several answers are an array. On write an
 * answer that reads as what was sent stays as it is stored; what text, numbers, true and false cannot say is refused.
 */
import type { QuestionnaireResponseItem, QuestionnaireResponseItemAnswer } from '@medplum/fhirtypes'
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { keyText } from '../identity.ts'
import { covers } from './covers.ts'
import { readJson, storeJson } from './json-column.ts'
import { isBsonNumber, storeDecimal, tryDecimal } from './numeral.ts'
import { codeText, itemTypes, questionsIn } from './questions.ts'
import type { Question } from './questions.ts'
import { storeText } from './text.ts'

type Item = QuestionnaireResponseItem
type Answer = QuestionnaireResponseItemAnswer
type Form = ReadonlyMap<string, Question>

const NO_FORM: Form = new Map()
const LARGEST_INTEGER = 2 ** 31 - 1

// ── stored → FHIR ──────────────────────────────────────────────────────────

function entriesOf(stored: unknown, context: CodecContext): [string, unknown][] {
  const answers = readJson(stored ?? {}, context) ?? {}
  if (!Array.isArray(answers)) return Object.entries(answers).filter(([id]) => id.trim() !== '')
  context.warn('the answers are a list, not an object of question ids')
  return []
}

function readItems(stored: unknown, form: Form, context: CodecContext): Item[] | undefined {
  const items = entriesOf(stored, context).map(([id, value]) => itemOf(id.trim(), value, form))
  return items.length > 0 ? items : undefined
}

function itemOf(linkId: string, value: unknown, form: Form): Item {
  const question = form.get(linkId)
  const answer = listOf(value).flatMap((each) => answerOf(each, question) ?? [])
  return {
    linkId,
    ...(question?.text !== undefined && { text: question.text }),
    ...(answer.length > 0 && { answer }),
  }
}

function answerOf(value: unknown, question: Question | undefined): Answer | undefined {
  const text = textOf(value)
  if (text === undefined) return undefined
  const option = question?.options.find(({ coding }) => coding.code === codeText(text))
  if (option) return { valueCoding: option.coding }
  if (isText(question)) return { valueString: text }
  if (typeof value === 'boolean') return { valueBoolean: value }
  return numberAnswer(value) ?? { valueString: text }
}

/** A number is the answer as it was given, `5.0` a decimal. */
function numberAnswer(value: unknown): Answer | undefined {
  if (typeof value !== 'number' && !isBsonNumber(value)) return undefined
  const decimal = tryDecimal(value)
  if (decimal === undefined) return undefined
  const whole = Number.isInteger(decimal) && Math.abs(decimal as number) <= LARGEST_INTEGER
  return whole ? { valueInteger: decimal as number } : { valueDecimal: decimal as number }
}

/** Nothing for null, '' and {}; the JSON of an answer that has members. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'object' || isBsonNumber(value)) return keyText(value).trim() || undefined
  if (value instanceof Date) return value.toISOString()
  return Object.keys(value).length > 0 ? JSON.stringify(value) : undefined
}

function isText(question: Question | undefined): boolean {
  return question?.type === 'text' || question?.type === 'string'
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [value]
}

// ── FHIR → stored ──────────────────────────────────────────────────────────

function writeItems(items: readonly Item[] | undefined, before: unknown, form: Form, context: CodecContext): unknown {
  if (items === undefined) return storeJson(undefined, before)
  const held = new Map(entriesOf(before, context).map((entry) => [entry[0].trim(), entry]))
  const written = new Map<string, readonly [string, unknown]>()
  for (const item of items) {
    const linkId = linkIdOf(item)
    if (written.has(linkId))
      throw new NotStorableError(`The source holds one answer a question; "${linkId}" is sent twice.`)
    const [id, value] = held.get(linkId) ?? [linkId, null]
    written.set(linkId, [id, valueOf(item, value, form.get(linkId))])
  }
  return storeJson(Object.fromEntries(written.values()), before)
}

/** A linkId may be an extension that says why it is not there. */
function linkIdOf({ linkId }: Partial<Item>): string {
  if (linkId !== undefined) return linkId.trim()
  throw new NotStorableError('Each item must have a linkId: it is the question that the source holds the answer by.')
}

function valueOf({ linkId, item, answer = [] }: Item, before: unknown, question: Question | undefined): unknown {
  if (item || answer.some((each) => each.item)) {
    throw new NotStorableError(`The source holds no questions within questions; send those of "${linkId}" beside it.`)
  }
  const old = listOf(before)
  const values = answer.map((each, index) => {
    const sent = valueOnly(each)
    return old.find((value) => covers(answerOf(value, question), sent)) ?? storedAnswer(sent, old[index], question)
  })
  if (values.length === 0) return old.every((value) => textOf(value) === undefined) ? before : null
  return values.length === 1 && !Array.isArray(before) ? values[0] : values
}

function storedAnswer(answer: Answer, before: unknown, question: Question | undefined): unknown {
  const value = plainAnswer(answer, before, question)
  if (value !== undefined && covers(answerOf(value, question), answer)) return value
  throw new NotStorableError('The source holds answers as text, numbers, true and false, or one of its own options.', {
    allowed: question?.options.flatMap(({ coding }) => coding.code ?? []) ?? [],
  })
}

/** Extensions of an answer are not the column's; of a Coding its code is the answer. */
function valueOnly(answer: Answer): Answer {
  const values = Object.entries(answer).filter(([name]) => name.startsWith('value'))
  const { valueCoding, ...rest } = Object.fromEntries(values) as Answer
  return valueCoding ? { ...rest, valueCoding: { code: valueCoding.code ?? '' } } : rest
}

function plainAnswer(answer: Answer, before: unknown, question: Question | undefined): unknown {
  const { valueCoding, valueString, valueBoolean, valueInteger, valueDecimal } = answer
  if (valueCoding) return question?.options.find(({ coding }) => coding.code === valueCoding.code)?.value
  if (valueString !== undefined) return storeText(valueString, isText(question) ? before : undefined)
  return (
    valueBoolean ?? valueInteger ?? (valueDecimal === undefined ? undefined : storeDecimal(valueDecimal, undefined))
  )
}

// ── the codecs ─────────────────────────────────────────────────────────────

export const answers: CodecDefinition = {
  name: 'answers',
  types: ['QuestionnaireResponse.item'],
  fields: 1,
  list: true,
  make: () => ({
    read: (stored, context) => readItems(stored, NO_FORM, context),
    write: (fhir, before, context) => writeItems(fhir as Item[] | undefined, before, NO_FORM, context),
  }),
}

export const answersTo: CodecDefinition = {
  name: 'answers-to',
  types: ['QuestionnaireResponse.item'],
  fields: 4,
  list: true,
  table: 'required',
  make({ table }) {
    const types = itemTypes(table)
    const formOf = ([, key, keys, forms]: readonly unknown[], context: CodecContext): Form => {
      const all = (keys ?? []) as readonly unknown[]
      const index = key === null ? -1 : all.findIndex((each) => keyText(each) === keyText(key))
      if (index < 0) return NO_FORM
      return new Map(
        questionsIn(types, (forms as readonly unknown[])[index] ?? [], context).map((each) => [each.linkId, each]),
      )
    }
    return {
      read(stored, context) {
        const columns = stored as readonly unknown[]
        return readItems(columns[0], formOf(columns, context), context)
      },
      write(fhir, before, context) {
        const [held, ...rest] = before as readonly unknown[]
        return [writeItems(fhir as Item[] | undefined, held, formOf(before as unknown[], context), context), ...rest]
      },
    }
  },
}
