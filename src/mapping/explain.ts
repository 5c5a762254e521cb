/**
 * Where each element of a resource comes from: the row and column, the rule with its line, the codec and the row of a
 * code table; or the gateway, or a FHIR client whose words are kept beside the row.
 */
import type { CodeTable } from './code-table.ts'
import { normaliseWord } from './code-table.ts'
import { sameValue } from './element-value.ts'
import { compileAccessor, elementsIn, parseField } from './field.ts'
import type { Field } from './field.ts'
import { primaryKeyReader } from './identity.ts'
import type { Part, Row, Rows } from './lens.ts'
import { listOf } from './mapping-file.ts'
import type { MappingData } from './mapping-file.ts'
import { GATEWAY } from './ownership.ts'
import type { Rule } from './rule.ts'
import type { Scope } from './scope.ts'
import { elementsOf } from './trace.ts'
import type { TracedElement } from './trace.ts'
import { flowText } from './yaml-file.ts'

export interface ElementLineage {
  /** `name[0].given[1]` */
  readonly path: string
  readonly value: unknown
  readonly origin: ElementOrigin
}

export type ElementOrigin =
  /** `columns` hold it; of a mapping's own word (`constant`) none does */
  | {
      readonly kind: 'column' | 'constant'
      readonly rule: RuleLineage
      readonly columns: readonly ColumnLineage[]
      readonly codes: readonly CodeLineage[]
    }
  /** identifiers of the row, meta.source, profile, tags, ids and versions */
  | { readonly kind: 'gateway' }
  /** kept beside the row */
  | { readonly kind: 'client' }

export interface RuleLineage {
  readonly text: string
  readonly file: string
  readonly line: number
  readonly codec: string
  readonly direction: 'read-write' | 'create' | 'read'
  readonly why?: string
}

export interface ColumnLineage {
  readonly system: string
  readonly collection: string
  /** of the rows; several of a join to many */
  readonly keys: readonly string[]
  /** with members of a JSON column: `medicines[1].name` */
  readonly column: string
}

export interface CodeLineage {
  readonly table: string
  readonly stored: string
  readonly code: string
  readonly file: string
  readonly line: number
}

/** The lineage of what the lens gives: of `traced`, the resource as `trace.ts` builds it. */
export function lineageOf(scope: Scope, data: MappingData, part: Part, traced: object): ElementLineage[] {
  const rules = new Map<Rule, RuleLineage>()
  const ruleLineage = (rule: Rule): RuleLineage => {
    const known = rules.get(rule) ?? ruleLineageOf(scope, data, rule)
    rules.set(rule, known)
    return known
  }
  return elementsOf(traced).map((element) => ({
    path: element.path,
    value: element.value,
    origin: originOf(scope, data, part, element, ruleLineage),
  }))
}

/** Of what is stored: elements that are not as the lens gives them are a client's, kept beside the row. */
export function lineageIn(resource: object, given: readonly ElementLineage[]): ElementLineage[] {
  const byPath = new Map(given.map((element) => [element.path, element]))
  return elementsOf(resource).map(({ path, value }) => {
    const known = byPath.get(path)
    if (known && sameValue(known.value, value)) return known
    return { path, value, origin: { kind: madeByGateway.has(path) ? 'gateway' : 'client' } }
  })
}

const madeByGateway = new Set(['id', 'meta.versionId', 'meta.lastUpdated'])

function originOf(
  scope: Scope,
  data: MappingData,
  part: Part,
  { owner, path, value, inPath }: TracedElement,
  ruleLineage: (rule: Rule) => RuleLineage,
): ElementOrigin {
  if (owner === undefined || owner === GATEWAY || owner.source.kind === 'parts') return { kind: 'gateway' }
  const rule = ruleLineage(owner)
  if (owner.source.kind === 'constant') return { kind: 'constant', rule, columns: [], codes: [] }
  if (inPath)
    return { kind: 'constant', rule: { ...rule, codec: 'constant', direction: 'read' }, columns: [], codes: [] }
  const fields = fieldsFor(owner, path)
  const stored = fields.flatMap((field) => storedIn(scope, field, part.rows))
  return {
    kind: stored.length > 0 ? 'column' : 'constant',
    rule,
    columns: fields.map((field) => columnLineage(scope, data, field, part)),
    codes: codesFor(scope.tables.get(owner.data.table ?? ''), stored, value),
  }
}

// ── rules ────────────────────────────────────────────────────────────────────────────────────────

function ruleLineageOf({ file }: Scope, { direction }: MappingData, rule: Rule): RuleLineage {
  const { data, line } = rule
  const written = isWritten(rule) ? direction : 'ro'
  return {
    text: flowText(data),
    file: file.file,
    line,
    codec: data.codec ?? (rule.source.kind === 'constant' ? 'constant' : 'text'),
    direction: written === 'rw' ? 'read-write' : written === 'create' ? 'create' : 'read',
    ...(data.why !== undefined && { why: data.why }),
  }
}

function isWritten({ only, source }: Rule): boolean {
  if (only === 'read') return false
  return source.kind === 'codec' ? source.codec.write !== undefined : source.kind.startsWith('reference')
}

// ── columns ──────────────────────────────────────────────────────────────────────────────────────

/** The display of a reference has columns of its own. */
function fieldsFor({ data, source }: Rule, path: string): Field[] {
  const display = source.kind === 'reference' && path.endsWith('.display') ? listOf(data.display) : []
  const texts = display.length > 0 ? display : (data.fields ?? listOf(data.field))
  return texts.map(parseField)
}

/** The values that the columns hold, those of lists one by one. */
function storedIn(scope: Scope, field: Field, rows: Rows): unknown[] {
  const value = compileAccessor(field, scope.aliases.get(field.alias)?.many)(rows)
  const list = Array.isArray(value) ? value : elementsIn(value)
  return (list.length > 0 ? list : [value]).filter((item) => item !== null && item !== undefined)
}

function columnLineage(scope: Scope, data: MappingData, field: Field, part: Part): ColumnLineage {
  const { system } = scope.system
  const collection = scope.aliases.get(field.alias)?.collection
  const [each] = Object.entries(data.source.each ?? {})
  if (collection === undefined && each) {
    const array = parseField(each[1])
    const outer = columnLineage(scope, data, array, part)
    const member = [field.column, ...field.members].filter((step) => step !== '')
    return { ...outer, column: [`${outer.column}[${part.index ?? 0}]`, ...member].join('.') }
  }
  const rows: readonly Row[] = listOf<Row>(part.rows[field.alias])
  const keyOf = primaryKeyReader(listOf(scope.system.keys[collection ?? '']))
  return {
    system,
    collection: collection ?? '',
    keys: rows.flatMap((row) => keyOf(row) ?? []),
    column: [field.column, ...field.members].join('.'),
  }
}

/** Of text the text itself, of anything else its JSON, numbers with their digits. */
export function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

// ── code tables ──────────────────────────────────────────────────────────────────────────────────

/** The rows of the table that were used: of several values, those whose code the element says. */
function codesFor(table: CodeTable | undefined, stored: readonly unknown[], value: unknown): CodeLineage[] {
  if (!table) return []
  const used = [...new Set(stored.map(normaliseWord))].flatMap((word) => {
    const code = table.toFhir.get(word)
    return code === undefined ? [] : [{ codes: [code].flat(), stored: word }]
  })
  const exact = used.filter(({ codes }) => codes.includes(valueText(value)))
  const shown = (exact.length > 0 ? exact : used).map(({ codes, stored: word }) => ({
    table: table.name,
    stored: word,
    code: codes.join(' '),
    ...table.placeOf(word),
  }))
  if (shown.length > 0 || table.otherwise === undefined || stored.length === 0) return shown
  return [{ table: table.name, stored: 'else', code: [table.otherwise].flat().join(' '), ...table.placeOf() }]
}
