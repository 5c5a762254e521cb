/** `where`, `when`, `needs`, `with`, `deleted`: the few conditions a mapping may put on columns. Equality only. */
import type { Cells } from './cells.ts'
import { normaliseWord } from './code-table.ts'
import { fromJson } from './field.ts'
import type { Accessor } from './field.ts'
import type { Rows } from './lens.ts'

export type Predicate<Source = Rows> = (source: Source) => boolean

type Words = string | number | boolean | null | readonly (string | number | boolean | null)[]

/** `not`: everything else, nothing at all included. */
export type Wanted = Words | { readonly not: Words }

/** One `column: wanted` of `where`. */
export function compileCondition<Source>(read: Accessor<Source>, wanted: Wanted): Predicate<Source> {
  const holds = compileTest(wanted)
  return (source) => holds(read(source))
}

/** One `column: wanted` of `when`. */
export function cellCondition(cell: number, wanted: Wanted): Predicate<Cells> {
  if (wanted === null) return (cells) => cells[cell] === null
  if (wanted === 'present') return (cells) => isFilled(cells[cell])
  const holds = compileTest(wanted)
  return (cells) => holds(cells[cell])
}

function compileTest(wanted: Wanted): (value: unknown) => boolean {
  if (isNot(wanted)) {
    const holds = compileTest(wanted.not)
    return (value) => !holds(value)
  }
  if (wanted === null) return (value) => value === null
  if (wanted === 'present') return isFilled
  const words = new Set(
    (Array.isArray(wanted) ? wanted : [wanted]).map((word) => (word === null ? '' : normaliseWord(word))),
  )
  return (value) => matches(value, words)
}

function isNot(wanted: Wanted): wanted is { readonly not: Words } {
  return typeof wanted === 'object' && wanted !== null && 'not' in wanted
}

function matches(value: unknown, words: ReadonlySet<string>): boolean {
  if (value === null) return words.has('')
  if (typeof value === 'string' && !value.includes('[')) return words.has(value) || words.has(normaliseWord(value))
  const list = Array.isArray(value) ? value : typeof value === 'string' ? fromJson(value) : undefined
  if (Array.isArray(list)) return list.some((item) => words.has(normaliseWord(item)))
  return words.has(normaliseWord(value))
}

export function all<Source>(predicates: readonly Predicate<Source>[]): Predicate<Source> {
  const [first, second] = predicates
  if (!first) return () => true
  if (!second) return first
  if (predicates.length === 2) return (source) => first(source) && second(source)
  return (source) => predicates.every((holds) => holds(source))
}

/** At least one of the columns is filled. */
export function compileAnyFilled<Source>(reads: readonly Accessor<Source>[]): Predicate<Source> {
  return (source) => reads.some((read) => isFilled(read(source)))
}

export function anyCellFilled(numbers: readonly number[]): Predicate<Cells> {
  const [first = 0] = numbers
  if (numbers.length === 1) return (cells) => isFilled(cells[first])
  return (cells) => numbers.some((number) => isFilled(cells[number]))
}

/** `[]`, `{}` and null say nothing as JSON text either. */
const EMPTY_JSON = /^\s*(\[\s*\]|\{\s*\}|null)?\s*$/

function isFilled(value: unknown): boolean {
  if (value === null) return false
  if (typeof value === 'string') return startsPlainly(value) || !EMPTY_JSON.test(value)
  return typeof value !== 'object' || !isJson(value) || Object.keys(value).length > 0
}

/** A digit, or a letter but the n of `null`: nearly all texts, and the cheap question. */
function startsPlainly(text: string): boolean {
  const first = text.charCodeAt(0)
  return (first >= 48 && first <= 57) || (first >= 65 && first <= 90) || (first >= 97 && first <= 122 && first !== 110)
}

/** An array or plain object; dates and numbers of the database have a class of their own. */
function isJson(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
}

/** A soft-delete column is set: true or 1, or any value that is not false or 0 (a timestamp). */
export function compileAnySet(reads: readonly Accessor[]): Predicate {
  return (rows) => reads.some((read) => isSet(read(rows)))
}

function isSet(value: unknown): boolean {
  return value !== null && value !== false && value !== 0 && normaliseWord(value) !== '0'
}
