/** `where`, `when`, `needs`, `with`, `deleted`: the few conditions a mapping may put on columns. Equality only. */
import { normaliseWord } from './code-table.ts'
import { fromJson } from './field.ts'
import type { Accessor } from './field.ts'
import type { Rows } from './lens.ts'

export type Predicate<Source = Rows> = (source: Source) => boolean

type Words = string | number | boolean | null | readonly (string | number | boolean | null)[]

/** `not`: everything else, nothing at all included. */
export type Wanted = Words | { readonly not: Words }

/** One `column: wanted` of `where` or `when`. */
export function compileCondition<Source>(read: Accessor<Source>, wanted: Wanted): Predicate<Source> {
  if (isNot(wanted)) {
    const holds = compileCondition(read, wanted.not)
    return (source) => !holds(source)
  }
  if (wanted === null) return (source) => read(source) === null
  if (wanted === 'present') return (source) => isFilled(read(source))
  const words = new Set(
    (Array.isArray(wanted) ? wanted : [wanted]).map((word) => (word === null ? '' : normaliseWord(word))),
  )
  return (source) => matches(read(source), words)
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
  const [first, second] = reads
  if (first && !second) return (source) => isFilled(first(source))
  return (source) => reads.some((read) => isFilled(read(source)))
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
