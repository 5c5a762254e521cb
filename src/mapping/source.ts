/** Compiles `source`, `key` and `slot`: which rows belong together, whether they give something, and under which id. */
import { all, compileAnyFilled, compileAnySet } from './condition.ts'
import type { Predicate } from './condition.ts'
import { elementsIn, fromJson } from './field.ts'
import type { Accessor } from './field.ts'
import type { KeyChoice } from './identity.ts'
import { keyText, sha8 } from './identity.ts'
import type { Join, Row, Rows } from './lens.ts'
import { listOf } from './mapping-file.ts'
import type { JoinData, KeyData, MappingData, SlotData } from './mapping-file.ts'
import { conditionsOf } from './rule.ts'
import { accessorAt, accessorsAt, fieldAt } from './scope.ts'
import type { AliasScope, Scope } from './scope.ts'
import type { YamlFile, YamlPath } from './yaml-file.ts'

/** The rows of one resource-to-be and its slot. */
export interface Bound {
  readonly rows: Rows
  readonly slot: string
  /** of an element: where it stands in its array */
  readonly index?: number
}

export interface SourceRules {
  readonly holds: Predicate
  readonly gone: Predicate
  readonly keys: readonly KeyChoice[]
  /** one for a plain mapping, one an element for `each` */
  bind(rows: Rows): readonly Bound[]
}

/** Aliases of the owner, the joins and the elements. */
export function aliasesOf(data: MappingData): Map<string, AliasScope> {
  const { collection, alias, join = {}, each = {} } = data.source
  return new Map<string, AliasScope>([
    [alias, { collection, many: false }],
    ...Object.entries(join).map(([name, { collection, many = false }]): [string, AliasScope] => [
      name,
      { collection, many },
    ]),
    ...Object.keys(each).map((name): [string, AliasScope] => [name, { many: false }]),
  ])
}

export function compileJoins(scope: Scope, data: MappingData): Join[] {
  const known = new Set([data.source.alias])
  return Object.entries(data.source.join ?? {}).map(([alias, join]) => {
    const compiled = compileJoin(scope, alias, join, known)
    known.add(alias)
    return compiled
  })
}

const ON = /^(\S+)\s+(=|in)\s+(\S+)$/

function compileJoin(scope: Scope, alias: string, data: JoinData, known: ReadonlySet<string>): Join {
  const at = ['source', 'join', alias]
  const { collection, part = false, many = false } = data
  if (!scope.columns[collection]) throw scope.file.error(at, `columns.yaml declares no collection "${collection}"`)
  if (data.on === 'all') return { alias, collection, kind: 'all', part }
  const { operator, from, column } = joinSides(scope, alias, data.on, known, [...at, 'on'])
  if (operator === 'in' && !many) throw scope.file.error(at, 'a join by "in" must say many: true')
  const kind = operator === 'in' ? 'member' : many ? 'many' : 'one'
  return { alias, collection, from, column, kind, part }
}

interface JoinSides {
  readonly operator: string
  readonly from: { readonly alias: string; readonly column: string }
  readonly column: string
}

/** The two sides of `on`, in whichever order they were written. */
function joinSides(scope: Scope, alias: string, on: string, known: ReadonlySet<string>, at: YamlPath): JoinSides {
  const [, left = '', operator, right = ''] = ON.exec(on) ?? []
  if (operator === undefined) {
    throw scope.file.error(at, `"on" is "a.column = ${alias}.column", "a.column in ${alias}.column" or "all"`)
  }
  const fields = [fieldAt(scope, left, at), fieldAt(scope, right, at)]
  const joined = fields.find((field) => field.alias === alias)
  const from = fields.find((field) => known.has(field.alias))
  if (!joined || !from) {
    throw scope.file.error(at, `"${on}" must join a column of ${alias} to one of an alias declared before it`)
  }
  return { operator, from: { alias: from.alias, column: from.column }, column: joined.column }
}

export function compileSourceRules(scope: Scope, data: MappingData): SourceRules {
  const { source } = data
  const needs = source.needs ? [compileAnyFilled(accessorsAt(scope, source.needs, ['source', 'needs']))] : []
  return {
    holds: all([...conditionsOf(scope, source.where, ['source', 'where']), ...(source.each ? [] : needs)]),
    gone: compileAnySet(accessorsAt(scope, source.deleted ?? [], ['source', 'deleted'])),
    keys: compileKeys(scope, data),
    bind: compileBind(scope, data, source.each ? needs : []),
  }
}

function compileKeys(scope: Scope, data: MappingData): KeyChoice[] {
  const at = ['key']
  if (data.id !== undefined) return []
  const key: KeyData = data.key ?? ownKey(scope, data)
  if (typeof key === 'object' && 'first' in key) {
    return key.first.map(({ field, mark = '' }, index) => ({
      mark,
      reads: [accessorAt(scope, field, [...at, 'first', index])],
    }))
  }
  return [{ mark: '', reads: accessorsAt(scope, listOf(key), at) }]
}

/** Without `key`, the primary key of the collection. */
function ownKey(scope: Scope, { source }: MappingData): readonly string[] {
  return primaryKeyOf(scope, source.collection, scope.file).map((column) => `${source.alias}.${column}`)
}

export function primaryKeyOf(scope: Pick<Scope, 'system'>, collection: string, file: YamlFile): readonly string[] {
  const key = scope.system.keys[collection]
  if (key === undefined) throw file.error(['source', 'collection'], `system.yaml names no key of "${collection}"`)
  return listOf(key)
}

function compileBind(scope: Scope, data: MappingData, needs: readonly Predicate[]): SourceRules['bind'] {
  const [each] = Object.entries(data.source.each ?? {})
  const { slot } = data
  if (!each) {
    if (typeof slot === 'object') throw scope.file.error(['slot'], 'a slot with "by" needs source.each')
    const fixed = slot ?? ''
    return (rows) => [{ rows, slot: fixed }]
  }
  if (typeof slot !== 'object') throw scope.file.error(['slot'], 'source.each needs a slot with "by"')
  const [alias, text] = each
  const list = accessorAt(scope, text, ['source', 'each', alias])
  return elementBinder(alias, list, slotNamer(scope, slot, alias), all(needs))
}

type SlotNamer = (rows: Rows, index: number, seen: Map<string, number>) => string | undefined

function elementBinder(alias: string, list: Accessor, name: SlotNamer, holds: Predicate): SourceRules['bind'] {
  return (rows) => {
    const seen = new Map<string, number>()
    const found: Bound[] = []
    for (const [index, element] of elementsIn(list(rows)).entries()) {
      if (element === null || (typeof element === 'string' && element.trim() === '')) continue
      const bound: Rows = { ...rows, [alias]: element as Row }
      const slot = name(bound, index, seen)
      if (slot !== undefined && holds(bound)) found.push({ rows: bound, slot, index })
    }
    return found
  }
}

function slotNamer(scope: Scope, { mark, by, of }: SlotData, alias: string): SlotNamer {
  const start = mark === undefined ? '' : `${mark}.`
  if (by === 'index') return (rows, index) => `${start}${ownNumber(rows[alias]) ?? index}`
  const text = accessorAt(scope, of ?? alias, ['slot', 'of'])
  return (rows, _index, seen) => {
    const name = start + sha8(keyText(text(rows) ?? ''))
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    if (of !== undefined) return `${name}.${count}`
    return count === 1 ? name : undefined
  }
}

/** An element keeps its number as `_n` once a write has moved it (entities §2 MedicationRequest). */
function ownNumber(element: unknown): number | undefined {
  const own = (fromJson(element) as { _n?: unknown } | null)?._n
  return typeof own === 'number' ? own : undefined
}
