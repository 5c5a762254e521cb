/** The elements every mapped resource has without a rule: source identifiers, meta.source, profile, tags (G2, G9, G14). */
import { elementsOf } from '../r4/elements.ts'
import { parseElementPath } from './element-path.ts'
import type { ElementPath } from './element-path.ts'
import type { Leaf, Read } from './element-tree.ts'
import { compileAccessor, parseField } from './field.ts'
import { chooseKey, primaryKeyReader, sourceIdentifierSystem } from './identity.ts'
import type { Row, Rows } from './lens.ts'
import { listOf } from './mapping-file.ts'
import type { MappingData } from './mapping-file.ts'
import type { Scope } from './scope.ts'
import { primaryKeyOf } from './source.ts'

/** Text that encodeURIComponent leaves as it is: most keys, and the test is much cheaper. */
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
    place('meta.source', { read: sourceReader(scope, data, keys) }),
    ...(canonical.length > 0 ? [place('meta.profile', constant(canonical))] : []),
    ...tenantTag(scope, place),
    ...keys.map((key) => {
      // conditional: a rule may give the key of a joined row that is not there, from the foreign key that names it
      if (identifier?.array)
        return place(`identifier[system=${key.system}].value`, { read: key.read, conditional: true })
      if (identifier) return place('identifier', { read: pair(key, 'value') })
      return place('meta.tag', { read: inList(pair(key, 'code')) })
    }),
  ]
}

interface SourceKey {
  readonly system: string
  readonly read: (rows: Rows) => string | undefined
}

/** The owner's key first, then those of joined rows that are part of the resource. None for a fixed id. */
function sourceKeys(scope: Scope, data: MappingData): SourceKey[] {
  if (data.id !== undefined) return []
  if (data.sid !== undefined) {
    const reads = listOf(data.key as string | readonly string[]).map((text) => compileAccessor(parseField(text)))
    return [sourceKey(scope, data.sid, (rows) => chooseKey([{ mark: '', reads }], rows)?.key)]
  }
  const { alias, collection, join = {} } = data.source
  const parts = Object.entries(join).filter(([, { part }]) => part)
  return [[alias, { collection }] as const, ...parts].map(([name, { collection }]) => {
    const keyOf = primaryKeyReader(primaryKeyOf(scope, collection, scope.file))
    return sourceKey(scope, collection, (rows) => {
      const row = rows[name] as Row | undefined
      return row && keyOf(row)
    })
  })
}

function sourceKey(scope: Scope, collection: string, read: SourceKey['read']): SourceKey {
  return { system: sourceIdentifierSystem(scope.base, scope.system.system, collection), read }
}

function sourceReader(scope: Scope, data: MappingData, keys: readonly SourceKey[]): Read {
  const [owner] = keys
  const whole = sourceIdentifierSystem(scope.base, scope.system.system, data.source.collection)
  if (!owner) return () => whole
  return (rows) => {
    const key = owner.read(rows)
    return key === undefined ? undefined : `${owner.system}/${UNRESERVED.test(key) ? key : encodeURIComponent(key)}`
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

function pair(key: SourceKey, name: 'value' | 'code'): Read {
  return (rows) => {
    const value = key.read(rows)
    return value === undefined ? undefined : { system: key.system, [name]: value }
  }
}

function inList(read: Read): Read {
  return (rows, state) => {
    const value = read(rows, state)
    return value === undefined ? undefined : [value]
  }
}

function constant(value: unknown): Leaf {
  return { read: () => value, constant: { value } }
}
