/**
 * SMART scopes for resources, v1 and v2 (https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html):
 * `patient/Observation.rs?category=laboratory`, `user/*.read`. What is not understood is no scope: it is never widened.
 */
import { isResourceType } from '../r4/elements.ts'
import { conditionKeys } from './condition-keys.ts'

export type Level = 'patient' | 'user' | 'system'

/** create; read, vread, history of one; update and patch; delete; search, history of a type and of all. */
export type Letter = 'c' | 'r' | 'u' | 'd' | 's'

/** A search parameter and its value: what a resource must have. All of several must hold. */
export type Condition = readonly [name: string, value: string]

const LETTERS: readonly Letter[] = ['c', 'r', 'u', 'd', 's']

export function lettersIn(text: string): Letter[] {
  return LETTERS.filter((letter) => text.includes(letter))
}

export interface SmartScope {
  readonly level: Level
  /** `*`: all there are, those of later releases too */
  readonly type: string
  /** some of `cruds`, in this order */
  readonly letters: string
  readonly where: readonly Condition[]
  /** as it was written */
  readonly text: string
}

/** Before a scope that is written as a URI. */
const URI = 'http://smarthealthit.org/fhir/scopes/'
const FORM = /^(patient|user|system)\/(\*|[A-Za-z]+)\.(?:(read|write|\*)|(c?r?u?d?s?)(?:\?(.+))?)$/s
const VERSION_1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' }

/** Undefined: no scope for resources, or a wrong one. */
export function readScope(text: string): SmartScope | undefined {
  const [, level, type = '', word, given = '', query] =
    FORM.exec(text.startsWith(URI) ? text.slice(URI.length) : text) ?? []
  const letters = word === undefined ? given : (VERSION_1[word] ?? '')
  if (level === undefined || letters === '' || (type !== '*' && !isResourceType(type))) return undefined
  const where = query === undefined ? [] : conditionsIn(type, query)
  return where && { level: level as Level, type, letters, where, text }
}

/** What a role may do: the same without level, `Observation.rs` (docs/access.md). */
export function readPermission(text: string): SmartScope | undefined {
  return readScope(`user/${text}`)
}

/** Those of `asked` that `held` covers: for records by what they mean, for work by their spelling. */
export function permissionsWithin(asked: readonly string[], held: readonly string[]): string[] {
  const written = (permission: string): string => (readPermission(permission) ? `user/${permission}` : permission)
  const within = new Set(scopesWithin(asked.map(written).join(' '), held.map(written).join(' ')))
  return asked.filter((permission) => within.has(written(permission)))
}

/** Those among the words of a `scope` that are for resources. */
export function scopesIn(scope: string): SmartScope[] {
  return wordsOf(scope).flatMap((word) => readScope(word) ?? [])
}

/**
 * The words of `asked` that `allowed` covers: those for resources by what they mean, together (`patient/*.r patient/*.s`
 * covers `patient/Observation.rs`); all others, such as `openid`, by their spelling.
 */
export function scopesWithin(asked: string, allowed: string): string[] {
  const words = new Set(wordsOf(allowed))
  const scopes = scopesIn(allowed)
  return wordsOf(asked).filter((word) => {
    const scope = readScope(word)
    return scope ? isWithin(scope, scopes) : words.has(word) && !looksLikeScope(word)
  })
}

function isWithin(asked: SmartScope, allowed: readonly SmartScope[]): boolean {
  return lettersIn(asked.letters).every((letter) =>
    allowed.some((each) => each.letters.includes(letter) && each.level === asked.level && covers(each, asked)),
  )
}

function covers(wide: SmartScope, narrow: SmartScope): boolean {
  return (
    (wide.type === '*' || wide.type === narrow.type) &&
    wide.where.every((condition) => narrow.where.some((each) => implies(each, condition)))
  )
}

/** Values with commas between them are alternatives. */
function implies([name, value]: Condition, [wideName, wideValue]: Condition): boolean {
  const wide = new Set(wideValue.split(','))
  return name === wideName && value.split(',').every((each) => wide.has(each))
}

/** A wrong one means nothing, whoever allows it. */
function looksLikeScope(word: string): boolean {
  return /^(patient|user|system)\//.test(word.startsWith(URI) ? word.slice(URI.length) : word)
}

function wordsOf(scope: string): string[] {
  return [...new Set(scope.split(' '))].filter((word) => word !== '')
}

/** Undefined where one of them is not understood. Parameters differ from type to type: `*` takes none. */
function conditionsIn(type: string, query: string): Condition[] | undefined {
  const conditions = [...new URLSearchParams(query)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const isKnown = conditions.length > 0 && conditions.every((condition) => conditionKeys(type, condition) !== undefined)
  return isKnown ? conditions : undefined
}
