/** Compiles what a mapping says of writes besides its rules: which are taken, what they must fulfil, how a row starts. */
import { GatewayError } from '../kernel/errors.ts'
import { normaliseWord } from './code-table.ts'
import { all, compileCondition } from './condition.ts'
import type { Predicate, Wanted } from './condition.ts'
import { NotNextError, NotStorableError } from './errors.ts'
import { parseField } from './field.ts'
import type { Accessor, Field } from './field.ts'
import type { Join, Row, Rows } from './lens.ts'
import type { ConsequenceData, MappingData } from './mapping-file.ts'
import { expandBase } from './rule.ts'
import type { Rule } from './rule.ts'
import { accessorAt, fieldAt } from './scope.ts'
import type { Scope } from './scope.ts'
import type { YamlPath } from './yaml-file.ts'

/** How a column of a new row starts. */
export type Start =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'uuid' | 'integer' | 'now' | 'unusable-secret' }
  | { readonly kind: 'allocate'; readonly template: string }

export type FreshColumn = Pick<Field, 'alias' | 'column'> & { readonly start: Start }

/** A column that is set; `now`: to the moment, in the form it has. */
export type Mark = Pick<Field, 'alias' | 'column'> & { readonly value: unknown }

export type Deletion =
  | { readonly kind: 'set'; readonly columns: readonly Mark[] }
  | { readonly kind: 'row' }
  | { readonly kind: 'element' }
  | { readonly kind: 'empty' }

/** What a write of the gateway brings about in rows that it leaves so. */
export interface Consequence {
  readonly holds: Predicate
  readonly columns: readonly Mark[]
}

export interface WriteRules {
  readonly updates: boolean
  readonly creates: boolean
  readonly deletion: Deletion | undefined
  readonly fresh: readonly FreshColumn[]
  readonly uniques: readonly Field[]
  readonly touched: readonly Field[]
  readonly follows: readonly Consequence[]
  /** the element that writes the column, as text; empty when none does */
  pathOf(column: Pick<Field, 'alias' | 'column'>): string
  /** does a create of this resource belong here? */
  accepts(resource: object): boolean
  /** Throws 409 when the row may not be changed as it is. */
  assertEditable(rows: Rows): void
  /** Throws 422 when the change breaks a condition or a transition. `before`: undefined for a new row. */
  assertAllowed(before: Rows | undefined, after: Rows): void
}

export function compileWriteRules(
  scope: Scope,
  data: MappingData,
  joins: readonly Join[],
  rules: readonly Rule[],
): WriteRules {
  const editable = Object.entries(data.editable ?? {}).map(([text, wanted]) =>
    condition(scope, text, wanted, 'editable'),
  )
  const required = Object.entries(data.require ?? {}).map(([text, wanted]) => ({
    holds: condition(scope, text, wanted, 'require'),
    ...watched(parseField(text), joins, rules),
    says: acceptedText(parseField(text), joins, wanted),
  }))
  const transitions = Object.entries(data.transitions ?? {}).map(([text, table]) =>
    compileTransition(accessorAt(scope, text, ['transitions', text]), pathOf(rules, parseField(text)), table),
  )
  return {
    updates: data.direction === 'rw',
    creates: data.create !== undefined,
    deletion: compileDeletion(scope, data),
    fresh: freshColumns(scope, data),
    uniques: (data.unique ?? []).map((text, index) => fieldAt(scope, text, ['unique', index])),
    touched: (data.touch ?? []).map((text, index) => columnAt(scope, text, ['touch', index])),
    follows: (data.follows ?? []).map((each, index) => compileConsequence(scope, each, ['follows', index])),
    pathOf: (column) => pathOf(rules, column),
    accepts: compileAccepts(scope, data),
    assertEditable(rows) {
      if (editable.every((holds) => holds(rows))) return
      throw new GatewayError('GW_CONFLICT', 'The record is past the point where it may be changed.')
    },
    assertAllowed(before, after) {
      for (const { holds, path, column, isTouched, says } of required) {
        if (isTouched(before, after) && !holds(after)) throw new NotStorableError(says, { path, column })
      }
      if (before) for (const check of transitions) check(before, after)
    },
  }
}

/** What a condition asks for, in words; the sentence begins with what it is about. */
function acceptedText({ alias, column }: Field, joins: readonly Join[], wanted: Wanted): string {
  const isJoined = joins.some((join) => join.alias === alias && !join.part)
  const one = isJoined ? 'must name a record of the source that is there' : 'must be'
  if (wanted === 'present') return isJoined ? one : 'must have a value'
  return isJoined ? `${one}, with ${column} ${wordsOf(wanted)}` : `${one} ${wordsOf(wanted)}`
}

function wordsOf(wanted: Wanted): string {
  if (wanted === null) return 'empty'
  if (Array.isArray(wanted)) return wanted.map(wordsOf).join(' or ')
  return typeof wanted === 'object' ? `not ${wordsOf((wanted as { readonly not: Wanted }).not)}` : String(wanted)
}

function condition(scope: Scope, text: string, wanted: Wanted, key: string): Predicate {
  return compileCondition(accessorAt(scope, text, [key, text]), wanted)
}

interface Watched {
  /** element path that the condition is about */
  readonly path: string
  readonly column: string
  /** did the write change what the condition looks at? */
  readonly isTouched: (before: Rows | undefined, after: Rows) => boolean
}

/** A condition on a row that is joined is about the column that leads to it. */
function watched(field: Field, joins: readonly Join[], rules: readonly Rule[]): Watched {
  const join = joins.find(({ alias, part }) => alias === field.alias && !part)
  const { alias, column } = join?.from ?? field
  const value = (rows: Rows): unknown => (rows[alias] as Row | undefined)?.[column] ?? null
  return {
    path: pathOf(rules, { alias, column }),
    column,
    isTouched: (before, after) =>
      before === undefined ? join === undefined || value(after) !== null : value(before) !== value(after),
  }
}

/** The element that writes the column. */
function pathOf(rules: readonly Rule[], { alias, column }: Pick<Field, 'alias' | 'column'>): string {
  const rule = rules.find(
    ({ only, source }) =>
      only !== 'read' && fieldsOf(source).some((field) => field.alias === alias && field.column === column),
  )
  return rule?.paths[0]?.text ?? ''
}

export function fieldsOf(source: Rule['source']): readonly Field[] {
  if (source.kind === 'reference') return [source.field]
  const fields: readonly (Field | undefined)[] = 'fields' in source ? source.fields : []
  return fields.filter((field) => field !== undefined)
}

function compileTransition(
  read: Accessor,
  path: string,
  table: Readonly<Record<string, readonly string[]>>,
): (before: Rows, after: Rows) => void {
  const allowed = new Map(Object.entries(table).map(([from, to]) => [normaliseWord(from), to.map(normaliseWord)]))
  return (before, after) => {
    const [from, to] = [read(before), read(after)].map((word) => (word === null ? '' : normaliseWord(word))) as [
      string,
      string,
    ]
    const next = allowed.get(from)
    if (from === to || !next || next.includes(to)) return
    const words = next.length > 0 ? `${from} may become ${next.join(' or ')}` : `${from} is final`
    throw new NotNextError(`cannot change so: in the source ${words}`, { path })
  }
}

function compileDeletion(scope: Scope, data: MappingData): Deletion | undefined {
  const deletion = data.delete
  if (!deletion) return undefined
  if ('set' in deletion) {
    return { kind: 'set', columns: compileMarks(scope, deletion.set, ['delete', 'set']) }
  }
  if ('empty' in deletion) {
    if (!data.split) throw scope.file.error(['delete', 'empty'], '"empty" needs a split mapping')
    return { kind: 'empty' }
  }
  if (deletion.remove === 'element' && !data.source.each) {
    throw scope.file.error(['delete', 'remove'], '"remove: element" needs source.each')
  }
  return { kind: deletion.remove }
}

function compileConsequence(scope: Scope, { when, set }: ConsequenceData, at: YamlPath): Consequence {
  const conditions = Object.entries(when).map(([text, wanted]) =>
    compileCondition(accessorAt(scope, text, [...at, 'when', text]), wanted),
  )
  return { holds: all(conditions), columns: compileMarks(scope, set, [...at, 'set']) }
}

function compileMarks(scope: Scope, set: Readonly<Record<string, unknown>>, at: YamlPath): Mark[] {
  return Object.entries(set).map(([text, value]) => {
    const { alias, column } = columnAt(scope, text, [...at, text])
    return { alias, column, value }
  })
}

function freshColumns(scope: Scope, { create = {} }: MappingData): FreshColumn[] {
  const column = (text: string, at: YamlPath, start: Start): FreshColumn => {
    const { alias, column: name } = columnAt(scope, text, at)
    return { alias, column: name, start }
  }
  return [
    ...Object.entries(create.values ?? {}).map(([text, value]) =>
      column(text, ['create', 'values', text], { kind: 'value', value }),
    ),
    ...Object.entries(create.generate ?? {}).map(([text, kind]) =>
      column(text, ['create', 'generate', text], { kind }),
    ),
    ...Object.entries(create.allocate ?? {}).map(([text, template]) =>
      column(text, ['create', 'allocate', text], { kind: 'allocate', template }),
    ),
  ]
}

/** A declared column of a row that the mapping writes, secret ones too: nothing is read of it. */
function columnAt(scope: Scope, text: string, at: YamlPath): Field {
  const field = parseField(text)
  const collection = scope.aliases.get(field.alias)?.collection
  if (collection === undefined) throw scope.file.error(at, `"${text}": "${field.alias}" is no row of this mapping`)
  if (scope.columns[collection]?.[field.column] !== undefined) return field
  throw scope.file.error(at, `"${text}": columns.yaml declares no column "${field.column}" of ${collection}`)
}

/** Several values at a path are a list: one of them must be what is wanted, none what is `not`. */
function compileAccepts({ base }: Scope, { accepts }: MappingData): WriteRules['accepts'] {
  if (!accepts) return () => true
  const alternatives = accepts.map((conditions) =>
    Object.entries(conditions).map(([path, wanted]) => {
      const holds = compileCondition((rows) => (rows as { values: unknown }).values, expandBase(wanted, base))
      return (resource: object) => {
        const values = valuesAt(resource, path.split('.'))
        return holds({ values: values.length > 0 ? values : null })
      }
    }),
  )
  return (resource) => alternatives.some((all) => all.every((holds) => holds(resource)))
}

/** All values at a path without indexes. */
function valuesAt(value: unknown, [name, ...rest]: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, name === undefined ? [] : [name, ...rest]))
  if (name === undefined) return value === undefined || value === null ? [] : [value]
  if (typeof value !== 'object' || value === null) return []
  return valuesAt((value as Row)[name], rest)
}
