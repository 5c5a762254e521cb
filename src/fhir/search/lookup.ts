/** How the values of one type of search parameter are looked up, plainly and under each modifier (R4 search.html#modifiers). */
import type { SearchParameter } from '../../r4/search-parameters.ts'
import type { Page } from '../../store/search-reader.ts'

export type Filter = Page['filter']

/** The key a value is found by (or several alternatives, see src/r4/search-keys.ts), or a predicate of its own. */
export type Lookup = string | readonly string[] | Filter

export interface Target {
  readonly tenant: string
  readonly type: string
  /** the FHIR base, so that absolute references to this server are known */
  readonly base: string
  /** the moment, in milliseconds, that `ap` measures from: the same for all pages */
  readonly now: number
}

export interface Asked {
  readonly parameter: SearchParameter
  /** with its escapes */
  readonly value: string
  readonly target: Target
}

export type Find = (asked: Asked) => Lookup

export interface SearchType {
  readonly find: Find
  /** beside `:missing`, which all have */
  readonly modifiers: Readonly<Record<string, Find>>
  /** what only `_filter` asks, by its operator */
  readonly operators?: Readonly<Record<string, Find>>
  /** `:not` */
  readonly negatable?: true
  /** modifiers that stand for many codes (written-out.ts) */
  readonly sets?: readonly string[]
}

/** The last character there is: what begins with a text sorts from the text to before the text and this. */
export const LAST = '\u{10ffff}'

/** A range, not an anchored regular expression: one of those takes two ranges of the index, and no NUL. */
export function keyRange(from: string, to: string): Filter {
  return { k: { $elemMatch: { $gte: from, $lt: to } } }
}

export function beginningWith(key: string): Filter {
  return keyRange(key, key + LAST)
}

/** The name of numbers and dates: a whole one, or (of a composite) all that begin alike. */
export type Name = string | { readonly $gte: string; readonly $lt: string; readonly $regex?: RegExp }

/** What one number or date of the index must be, all at once. */
export interface ElementMatch {
  readonly p: Name
  readonly l?: object
  readonly h?: object
}

export function anyElement(field: 'n' | 'd', matches: readonly ElementMatch[]): Filter {
  const filters = matches.map((match) => element(field, match))
  return filters.length === 1 ? (filters[0] as Filter) : { $or: filters }
}

/** The indexes of numbers hold only resources that have any: what is looked for in them must say so. */
export const SOME_NUMBERS = { 'n.0': { $exists: true } } as const

export function element(field: 'n' | 'd', match: object): Filter {
  return { ...(field === 'n' && SOME_NUMBERS), [field]: { $elemMatch: match } }
}
