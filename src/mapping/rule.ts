/** Compiles one rule: checks its paths, fields, codec and options, and gives a closure that reads it. */
import type { BuildState } from './build-state.ts'
import { cellsOf } from './cells.ts'
import { codeKey } from './code-table.ts'
import type { Codec, CodecDefinition } from './codec.ts'
import { fileSlot } from './codecs/binary-link.ts'
import { codecs } from './codecs/index.ts'
import { all, anyCellFilled, cellCondition, compileCondition } from './condition.ts'
import type { Predicate } from './condition.ts'
import type { ElementPath } from './element-path.ts'
import { parseElementPath, takesList } from './element-path.ts'
import type { Guard, Leaf } from './element-tree.ts'
import { compileAccessor } from './field.ts'
import type { Rows } from './lens.ts'
import { listOf } from './mapping-file.ts'
import type { Conditions, RuleData } from './mapping-file.ts'
import { referenceSource } from './reference-source.ts'
import { absentValue, leavesOf } from './rule-leaf.ts'
import type { Source } from './rule-leaf.ts'
import { checkOption, ruleProperties } from './schema.ts'
import { whyNotSealable } from './sealed.ts'
import { accessorAt, cellAt, fieldAt } from './scope.ts'
import type { Scope } from './scope.ts'
import type { YamlPath } from './yaml-file.ts'

export interface Rule {
  /** the part of a split row it is for; empty where it is for all */
  readonly of: string
  /** how problems name it: its path(s) */
  readonly text: string
  readonly paths: readonly ElementPath[]
  readonly source: Source
  readonly only?: 'read' | 'write' | 'create'
  /** says how another element was stored: what is sent of it means nothing (entities G7) */
  readonly ignored?: boolean
  /**
   * Of a link that is stored and goes out as `Binary/<id>` (G12), so that it reads back as another text than was sent: what
   * follows the id, such as `.photo` or nothing.
   */
  readonly fileSlot?: string
  readonly applies?: (rows: Rows, state: BuildState) => boolean
  /** what the elements say when the columns hold nothing, one value a path; sent back they mean nothing */
  readonly standIns: readonly (readonly unknown[])[]
  /** one leaf a path */
  readonly leaves: readonly Leaf[]
  /** all that the leaves read */
  readonly cells: readonly number[]
  /** as it is written, and on which line */
  readonly data: RuleData
  readonly line: number
}

const ENGINE_CODECS = new Set(['reference', 'reference-or-text', 'reference-or-display', 'parts', 'canonical'])

export function compileRule(scope: Scope, data: RuleData, at: YamlPath): Rule {
  checkShape(scope, data, at)
  const paths = listOf(data.fhir).map((text) => elementPath(scope, text, at))
  const unsealable = data.sealed && whyNotSealable(data, paths)
  if (unsealable) throw scope.file.error([...at, 'sealed'], unsealable)
  const source = compileSource(scope, data, paths, at)
  const guard = compileGuard(scope, data, at)
  const empty = data.empty === undefined ? undefined : emptyOf(scope, data, paths.length, at)
  const text = paths.map((path) => path.text).join(', ')
  return {
    of: at[0] === 'split' ? String(at[1]) : '',
    text,
    paths,
    source,
    ...(data.only && { only: data.only }),
    ...([data.codec, data.of].includes('source-word') && { ignored: true }),
    ...(data.codec === 'binary-link' && { fileSlot: fileSlot(data['slot']) }),
    ...(guard && { applies: (rows, state) => guard.holds(cellsOf(scope.cells, rows, state)) }),
    standIns: [...(empty && !hasWord(scope, data, empty) ? [empty] : []), ...absentOf(source, data, paths)],
    leaves: leavesOf(source, { table: scope.cells, text, paths, guard, empty, absent: data.absent }),
    cells: cellsRead(scope, data, source, at),
    data,
    line: scope.file.lineOf(at),
  }
}

function cellsRead(scope: Scope, data: RuleData, source: Source, at: YamlPath): number[] {
  const texts = [data.field, data.fields, data.with, Object.keys(data.when ?? {})].flatMap((text) => listOf(text))
  const cells = texts.map((text) => cellAt(scope, text, at))
  if (!('rule' in source)) return cells
  const { candidates, display = [] } = source.rule
  return [...cells, ...display, ...candidates.map(({ cell }) => cell)]
}

function absentOf(
  source: Source,
  { absent }: RuleData,
  paths: readonly ElementPath[],
): readonly (readonly unknown[])[] {
  if (absent === undefined || source.kind === 'constant') return []
  return [paths.map((path) => absentValue(path, absent, source))]
}

/** What the table has a word for is stored as that word, also where empty columns read alike. */
function hasWord(scope: Scope, { table }: RuleData, codes: readonly unknown[]): boolean {
  const written = table === undefined ? undefined : scope.tables.get(table)?.toStored
  return written?.has(codeKey(codes.map(String))) === true
}

function emptyOf(scope: Scope, { empty }: RuleData, count: number, at: YamlPath): readonly unknown[] {
  if (count === 1) return [expandBase(empty, scope.base)]
  if (Array.isArray(empty) && empty.length === count) {
    return empty.map((value: unknown) => expandBase(value, scope.base) ?? undefined)
  }
  throw scope.file.error([...at, 'empty'], `"empty" must be a list of ${String(count)} values, one a path`)
}

function elementPath(scope: Scope, text: string, at: YamlPath): ElementPath {
  try {
    return parseElementPath(text, scope.resourceType, scope.base)
  } catch (error) {
    throw scope.file.error([...at, 'fhir'], (error as Error).message)
  }
}

function checkShape(scope: Scope, data: RuleData, at: YamlPath): void {
  const sources = ['field', 'fields', 'value'].filter((key) => data[key] !== undefined)
  const fieldless = data.codec === 'parts' || alwaysAbsent(data)
  if (sources.length !== (fieldless ? 0 : 1)) {
    throw scope.file.error(at, fieldless ? 'a parts rule takes no field' : 'a rule has one of field, fields, value')
  }
  if (data.only && !data.why) throw scope.file.error(at, `a rule that works one way only says why`)
  const known: Readonly<Record<string, object>> = { ...ruleProperties, ...codecs.get(data.codec ?? 'text')?.options }
  const unknown = Object.keys(data).find((key) => !(key in known))
  if (unknown) throw scope.file.error([...at, unknown], `unknown key "${unknown}" in a rule`)
  for (const [key, schema] of Object.entries(known)) {
    if (data[key] === undefined) continue
    const problem = checkOption(schema, data[key])
    if (problem) throw scope.file.error([...at, key], `"${key}": ${problem}`)
  }
}

/** `{ fhir: effectiveDateTime, absent: unknown }`: no column holds it, and the element must not be missing. */
function alwaysAbsent(data: RuleData): boolean {
  const sources = [data.field, data.fields, data.value, data.codec]
  return data.absent !== undefined && sources.every((source) => source === undefined)
}

function compileSource(scope: Scope, data: RuleData, paths: readonly ElementPath[], at: YamlPath): Source {
  if (alwaysAbsent(data))
    return { kind: 'constant', value: absentValue(paths[0] as ElementPath, data.absent as string) }
  if (data.value !== undefined) return { kind: 'constant', value: expandBase(data.value, scope.base) }
  if (data.codec !== undefined && ENGINE_CODECS.has(data.codec)) return referenceSource(scope, data, paths, at)
  const definition = codecs.get(data.codec ?? 'text')
  if (!definition) throw scope.file.error([...at, 'codec'], `no codec "${data.codec}" is known`)
  const texts = data.fields ?? [data.field as string]
  const fields = texts.map((text, i) => fieldAt(scope, text, data.fields ? [...at, 'fields', i] : [...at, 'field']))
  checkCodec(scope, definition, data, paths, at)
  const codec = makeCodec(scope, definition, data, paths[0] as ElementPath, at)
  const reads = fields.map((field) => compileAccessor(field, scope.aliases.get(field.alias)?.many))
  return { kind: 'codec', codec, fields, reads, cells: texts.map((text) => cellAt(scope, text, at)) }
}

function checkCodec(
  scope: Scope,
  definition: CodecDefinition,
  data: RuleData,
  paths: readonly ElementPath[],
  at: YamlPath,
): void {
  const { name, types, fields } = definition
  const count = data.fields?.length ?? 1
  if (fields !== 'any' && fields !== count) {
    throw scope.file.error(at, `codec ${name} takes ${fields} column${fields === 1 ? '' : 's'}, not ${count}`)
  }
  checkPaths(scope, definition, data, paths, at)
  const [path] = paths as [ElementPath]
  if (paths.length === 1 && types.length > 0 && !types.includes(path.type)) {
    throw scope.file.error(
      [...at, 'fhir'],
      `"${path.text}" is a ${path.type}; codec ${name} gives ${types.join(' or ')}`,
    )
  }
}

/** As many elements as the codec gives, and a list where it gives a list. */
function checkPaths(
  scope: Scope,
  { name, paths: wanted = 1, list = false }: CodecDefinition,
  data: RuleData,
  paths: readonly ElementPath[],
  at: YamlPath,
): void {
  const tupled = wanted === 1 && paths.length > 1 && data.table !== undefined
  if (wanted !== paths.length && !tupled) {
    throw scope.file.error([...at, 'fhir'], `codec ${name} gives ${wanted} element(s), not ${paths.length}`)
  }
  const [path] = paths as [ElementPath]
  if (list && !takesList(path)) throw scope.file.error([...at, 'fhir'], `"${path.text}" takes no list`)
}

function makeCodec(scope: Scope, definition: CodecDefinition, data: RuleData, path: ElementPath, at: YamlPath): Codec {
  const table = data.table === undefined ? undefined : scope.tables.get(data.table)
  if (data.table !== undefined && !table)
    throw scope.file.error([...at, 'table'], `codes.yaml has no table "${data.table}"`)
  if (definition.table === 'required' && !table) throw scope.file.error(at, `codec ${definition.name} needs a table`)
  const inner = data.of === undefined ? undefined : codecs.get(data.of)
  if (data.of !== undefined && !inner) throw scope.file.error([...at, 'of'], `no codec "${data.of}" is known`)
  const { fhir: _fhir, field: _field, fields: _fields, of: _of, table: _table, sealed: _sealed, ...options } = data
  const own = { ...expandBase(options, scope.base), type: path.type, ...(table && { table }) }
  try {
    return definition.make({ ...own, ...(inner && { of: inner.make(own) }) })
  } catch (error) {
    throw scope.file.error(at, (error as Error).message)
  }
}

function compileGuard(scope: Scope, { when = {}, with: beside }: RuleData, at: YamlPath): Guard | undefined {
  const filled = listOf(beside).map((text, index) => cellAt(scope, text, [...at, 'with', index]))
  const asked = Object.entries(when).map(([text, wanted]) => ({
    cell: cellAt(scope, text, [...at, 'when', text]),
    wanted,
  }))
  const predicates = [
    ...asked.map(({ cell, wanted }) => cellCondition(cell, wanted)),
    ...(filled.length > 0 ? [anyCellFilled(filled)] : []),
  ]
  if (predicates.length === 0) return undefined
  const needs = filled.length === 1 ? filled[0] : asked.find(({ wanted }) => wanted === 'present')?.cell
  const unless = asked.find(({ wanted }) => wanted === null)?.cell
  const decided = { ...(needs !== undefined && { needs }), ...(unless !== undefined && { unless }) }
  return { text: JSON.stringify([when, beside]), holds: all(predicates), decided }
}

export function conditionsOf(scope: Scope, conditions: Conditions | undefined, at: YamlPath): Predicate[] {
  return Object.entries(conditions ?? {}).map(([text, wanted]) =>
    compileCondition(accessorAt(scope, text, [...at, text]), wanted),
  )
}

/** `IB/…` in constants stands for the canonical base. */
export function expandBase<T>(value: T, base: string): T {
  if (typeof value === 'string') return value.replace(/^IB\//, `${base}/`) as T
  if (Array.isArray(value)) return value.map((item: unknown) => expandBase(item, base)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expandBase(inner, base)])) as T
}
