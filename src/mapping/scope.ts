/** What a mapping's names mean while it is compiled: its aliases and their columns, tables, other mappings, its file. */
import { cellOf } from './cells.ts'
import type { CellTable } from './cells.ts'
import type { CodeTable } from './code-table.ts'
import { compileAccessor, parseField } from './field.ts'
import type { Accessor, Field } from './field.ts'
import type { Lens } from './lens.ts'
import type { ColumnsData, SystemData } from './mapping-file.ts'
import type { YamlFile, YamlPath } from './yaml-file.ts'

/** What a reference needs to know of the mapping it points at, before that mapping is compiled. */
export interface Target {
  readonly name: string
  readonly type: string
  readonly prefix: string
  readonly mark: string
  /** `<Type>/<prefix><mark>`, what every reference to it starts with */
  readonly start: string
  /** references made lately, by key */
  readonly references: Map<string | number, string>
  /** of how many columns its key is made */
  readonly keyParts: number
  /** identifier system of its key (G8) */
  readonly identifierSystem: string
  /** `IB/<Type>/` */
  readonly canonicalBase: string
}

/** The target as marked keys point at it. */
export function markTarget(target: Omit<Target, 'start' | 'references'>, mark: string): Target {
  const { type, prefix } = target
  return { ...target, mark, start: `${type}/${prefix}${mark}`, references: new Map() }
}

export interface SystemScope {
  readonly base: string
  readonly system: SystemData
  readonly columns: ColumnsData
  readonly tables: ReadonlyMap<string, CodeTable>
  readonly targets: ReadonlyMap<string, Target>
  /** `collection.column` that some mapping uses or names as not mapped */
  readonly used: Set<string>
  /** filled as mappings are compiled; asked only when resources are built */
  readonly lenses: Map<string, Lens>
}

export interface AliasScope {
  /** undefined for an `each` alias */
  readonly collection?: string
  readonly many: boolean
}

export interface Scope extends SystemScope {
  readonly file: YamlFile
  readonly mapping: string
  readonly resourceType: string
  readonly aliases: ReadonlyMap<string, AliasScope>
  readonly cells: CellTable
}

/** The field of that text: known alias, declared column; throws with file and line otherwise. */
export function fieldAt(scope: Scope, text: string, at: YamlPath): Field {
  const field = parseField(text)
  const alias = scope.aliases.get(field.alias)
  if (!alias) throw scope.file.error(at, `"${text}": no alias "${field.alias}" is declared under source`)
  if (alias.collection === undefined) return field
  const declared = scope.columns[alias.collection]
  if (!declared) throw scope.file.error(at, `columns.yaml declares no collection "${alias.collection}"`)
  const kind = declared[field.column]
  if (kind === undefined) {
    throw scope.file.error(at, `"${text}": columns.yaml declares no column "${field.column}" of ${alias.collection}`)
  }
  scope.used.add(`${alias.collection}.${field.column}`)
  if (kind === 'secret')
    throw scope.file.error(at, `"${text}" is secret: the gateway never reads it (list it as not-mapped)`)
  return field
}

export function accessorAt(scope: Scope, text: string, at: YamlPath): Accessor {
  const field = fieldAt(scope, text, at)
  return compileAccessor(field, scope.aliases.get(field.alias)?.many)
}

/** The number of the field's cell. */
export function cellAt(scope: Scope, text: string, at: YamlPath): number {
  const field = fieldAt(scope, text, at)
  return cellOf(scope.cells, field, scope.aliases.get(field.alias)?.many ?? false)
}

export function accessorsAt(scope: Scope, texts: readonly string[], at: YamlPath): Accessor[] {
  return texts.map((text, index) => accessorAt(scope, text, [...at, index]))
}
