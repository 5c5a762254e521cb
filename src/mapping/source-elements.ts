/** The elements every mapped resource has without a rule: source identifiers, meta.source, profile, tags (G2, G9, G14). */
import { elementsOf } from '../r4/elements.ts'
import { cellOf, workedOutCell } from './cells.ts'
import { parseElementPath } from './element-path.ts'
import type { ElementPath } from './element-path.ts'
import type { Leaf, Read } from './element-tree.ts'
import { compileAccessor, parseField } from './field.ts'
import type { Accessor } from './field.ts'
import { chooseKey, keyText, primaryKeyReader, sourceIdentifierSystem } from './identity.ts'
import type { Row } from './lens.ts'
import { listOf } from './mapping-file.ts'
import type { MappingData } from './mapping-file.ts'
import type { Scope } from './scope.ts'
import { primaryKeyOf } from './source.ts'

/** Text that encodeURIComponent leaves as it is, as what stands in an id is: most keys, and the tests are much cheaper. */
const UNRESERVED = /^[\w.-]*$/

interface PlacedLeaf {
  readonly path: ElementPath
  readonly leaf: Leaf
}

export function sourceElements(scope: Scope, data: MappingData, profiles: readonly string[]): PlacedLeaf[] {
  const place = (text: string, leaf: Leaf): PlacedLeaf => ({
    path: parseElementPath(text, data.resource, scope.base),
    leaf,
  })
  const keys = sourceKeys(scope, data)
  const identifier = elementsOf(data.resource)?.get('identifier')
  const canonical = profiles.map((profile) => profile.replace(/^IB\//, `${scope.base}/`))
  return [
    place('meta.source', sourceLeaf(scope, data, keys)),
    ...(canonical.length > 0 ? [place('meta.profile', constant(canonical))] : []),
    ...tenantTag(scope, place),
    ...keys.map((key) => {
      // conditional: a rule may give the key of a joined row that is not there, from the foreign key that names it
      if (identifier?.array) {
        return place(`identifier[system=${key.system}].value`, { ...keyLeaf(key), conditional: true })
      }
      if (identifier)
        return place(
          'identifier',
          keyLeaf(key, (value) => ({ system: key.system, value })),
        )
      return place(
        'meta.tag',
        keyLeaf(key, (code) => [{ system: key.system, code }]),
      )
    }),
  ]
}

interface SourceKey {
  readonly system: string
  readonly cell: number
}

/** The owner's key first, then those of joined rows that are part of the resource. None for a fixed id. */
function sourceKeys(scope: Scope, data: MappingData): SourceKey[] {
  if (data.id !== undefined) return []
  if (data.sid !== undefined) {
    const reads = listOf(data.key as string | readonly string[]).map((text) => compileAccessor(parseField(text)))
    const read: Accessor = (rows) => chooseKey([{ mark: '', reads }], rows)?.key ?? null
    return [{ system: systemOf(scope, data.sid), cell: workedOutCell(scope.cells, `key ${data.sid}`, read) }]
  }
  const { alias, collection, join = {} } = data.source
  const parts = Object.entries(join).filter(([, { part }]) => part)
  return [[alias, { collection }] as const, ...parts].map(([name, { collection }]) => ({
    system: systemOf(scope, collection),
    cell: keyCell(scope, name, collection),
  }))
}

/** Most keys are a column that rules read too. */
function keyCell(scope: Scope, alias: string, collection: string): number {
  const columns = primaryKeyOf(scope, collection, scope.file)
  if (columns.length === 1) return cellOf(scope.cells, parseField(`${alias}.${columns.join()}`), false)
  const keyOf = primaryKeyReader(columns)
  return workedOutCell(scope.cells, `key ${alias}`, (rows) => {
    const row = rows[alias] as Row | undefined
    return (row && keyOf(row)) ?? null
  })
}

function systemOf(scope: Scope, collection: string): string {
  return sourceIdentifierSystem(scope.base, scope.system.system, collection)
}

function keyLeaf({ cell }: SourceKey, valueOf?: (key: string) => unknown): Leaf {
  const text: Read = (_rows, { cells }) => (cells[cell] === null ? undefined : keyText(cells[cell]))
  const value: Read = (_rows, { cells }) => (cells[cell] === null ? undefined : valueOf?.(keyText(cells[cell])))
  return { read: valueOf ? value : text, decided: { needs: cell } }
}

function sourceLeaf(scope: Scope, data: MappingData, [owner]: readonly SourceKey[]): Leaf {
  if (!owner) return constant(systemOf(scope, data.source.collection))
  const { cell } = owner
  const start = `${owner.system}/`
  return {
    decided: { needs: cell },
    read: (_rows, { cells, id }) => {
      if (cells[cell] === null) return undefined
      const key = keyText(cells[cell])
      return start + (id.includes(key) || UNRESERVED.test(key) ? key : encodeURIComponent(key))
    },
  }
}

function tenantTag(scope: Scope, place: (text: string, leaf: Leaf) => PlacedLeaf): PlacedLeaf[] {
  const { tenant, system } = scope.system
  if (!tenant) return []
  const tagSystem = sourceIdentifierSystem(scope.base, system, tenant.collection)
  const read: Read = (_rows, { context }) =>
    context.tenantKey === undefined ? undefined : [{ system: tagSystem, code: context.tenantKey }]
  return [place('meta.tag', { read })]
}

function constant(value: unknown): Leaf {
  return { read: () => value, constant: { value } }
}
