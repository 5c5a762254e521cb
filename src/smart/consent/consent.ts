/**
 * What a user leaves of what an app asked for.
 *
 * The scopes asked for become lines, one for each level and type. A line is kept or taken away; of a whole type only
 * some categories may be kept, of "all types" only some types (SMART App Launch 2.2, granular scopes). What comes out
 * never allows more than what was asked, and what was asked as v1 is granted as v1.
 */
import type { SmartScope } from '../../access/scope.ts'
import { lettersIn, readScope } from '../../access/scope.ts'
import { categoriesOf, narrowTypes } from './consent-kinds.ts'

export interface ConsentLine {
  /** level and type, such as patient/Observation */
  readonly key: string
  readonly level: SmartScope['level']
  /** or '*' */
  readonly type: string
  /** what all its scopes allow together */
  readonly letters: string
  /** categories (`system|code`) or, of '*', types that can be kept instead of all; empty: all or nothing */
  readonly kinds: readonly string[]
  /** scopes that ask for a part only; each is kept or taken away */
  readonly parts: readonly SmartScope[]
}

/** What a user chose; whatever is not in here is taken away. */
export interface Choices {
  readonly lines: ReadonlySet<string>
  /** by line: the kinds kept instead of all */
  readonly kinds: ReadonlyMap<string, ReadonlySet<string>>
  /** scopes with a part, as they were asked for */
  readonly parts: ReadonlySet<string>
  readonly offline: boolean
}

/** The lines of what was asked: what reads as no scope gives none, and so is never granted. */
export function linesOf(asked: string): ConsentLine[] {
  const scopes = askedScopes(asked)
  const byKey = Map.groupBy(scopes, (scope) => lineKey(scope, scopes))
  return [...byKey].map(([key, members]) => {
    const [level, type] = key.split('/') as [SmartScope['level'], string]
    return {
      key,
      level,
      type,
      letters: lettersOf(members),
      kinds: members.some(isWhole) ? kindsOf(type, members) : [],
      parts: members.filter((each) => each.type === type && !isWhole(each)),
    }
  })
}

/** The scopes that are granted, in the order they were asked for. */
export function granted(asked: string, choices: Choices): string[] {
  const scopes = askedScopes(asked)
  const lines = new Map(linesOf(asked).map((line) => [line.key, line]))
  const kept = textsOf(asked).flatMap((text) => {
    const scope = scopes.find((each) => each.text === text)
    const line = scope && lines.get(lineKey(scope, scopes))
    if (scope && line) return keptOf(scope, line, choices)
    return keptBeside(text, choices) ? [text] : []
  })
  return [...new Set(kept)]
}

/** Everything that was asked for and may be granted at all. */
export function allOf(asked: string): Choices {
  const lines = linesOf(asked)
  return {
    lines: new Set(lines.map(({ key }) => key)),
    kinds: new Map(),
    parts: new Set(lines.flatMap(({ parts }) => parts.map(({ text }) => text))),
    offline: true,
  }
}

function keptOf(scope: SmartScope, line: ConsentLine, { lines, kinds, parts }: Choices): string[] {
  if (!lines.has(line.key)) return []
  const chosen = kinds.get(line.key)
  // Covered by "all types", see lineKey
  if (scope.type !== line.type) return chosen === undefined || chosen.has(scope.type) ? [scope.text] : []
  if (!isWhole(scope)) return parts.has(scope.text) ? [scope.text] : []
  if (chosen === undefined || line.kinds.length === 0) return [scope.text]
  const narrowed = line.type === '*' ? ofType : ofCategory
  return line.kinds.filter((kind) => chosen.has(kind)).map((kind) => narrowed(scope, kind))
}

/** Scopes about no records; what looks like one of records and reads as none is dropped, and so is `system/`. */
function keptBeside(text: string, { offline }: Choices): boolean {
  if (text === 'offline_access' || text === 'online_access') return offline
  return !/^(http:\/\/smarthealthit\.org\/fhir\/scopes\/)?(patient|user|system)\//.test(text)
}

function askedScopes(asked: string): SmartScope[] {
  return textsOf(asked).flatMap((text) => {
    const scope = readScope(text)
    return scope && scope.level !== 'system' ? [scope] : []
  })
}

function textsOf(asked: string): string[] {
  return [...new Set(asked.split(' ').filter((text) => text !== ''))]
}

/** A type that "all types" covers already is no line of its own: taking it away would change nothing. */
function lineKey(scope: SmartScope, all: readonly SmartScope[]): string {
  const isCovered = all.some(
    (each) => each.level === scope.level && each.type === '*' && isWhole(each) && isWithin(scope.letters, each.letters),
  )
  return `${scope.level}/${isCovered ? '*' : scope.type}`
}

function isWhole({ where }: SmartScope): boolean {
  return where.length === 0
}

function isWithin(letters: string, all: string): boolean {
  return lettersIn(letters).every((each) => all.includes(each))
}

function lettersOf(scopes: readonly SmartScope[]): string {
  return lettersIn('cruds')
    .filter((letter) => scopes.some(({ letters }) => letters.includes(letter)))
    .join('')
}

function kindsOf(type: string, scopes: readonly SmartScope[]): readonly string[] {
  if (type === '*')
    return [...new Set([...scopes.map((each) => each.type), ...narrowTypes])].filter((each) => each !== '*')
  // A category is said in v2 only, and what is asked as v1 is granted as v1
  return scopes.some((each) => isWhole(each) && isFirstVersion(each)) ? [] : categoriesOf(type)
}

function isFirstVersion({ text }: SmartScope): boolean {
  return /\.(read|write|\*)$/.test(text)
}

function ofCategory({ level, type, letters }: SmartScope, category: string): string {
  return `${level}/${type}.${letters}?category=${category}`
}

/** With what stands behind the type as it was asked: letters or a word of v1. */
function ofType({ level, text }: SmartScope, type: string): string {
  return `${level}/${type}${text.slice(text.indexOf('*') + 1)}`
}
