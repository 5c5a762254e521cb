/** What a mapping says of its rows that matters for every put: which are its own, what never changes, who owns an element. */
import type { Reference, Resource } from '@medplum/fhirtypes'
import type { ElementPath } from './element-path.ts'
import { elementValue } from './element-value.ts'
import { parseField } from './field.ts'
import type { Field } from './field.ts'
import { listOf } from './mapping-file.ts'
import type { MappingData } from './mapping-file.ts'
import { keyOfReference } from './reference.ts'
import type { Rule } from './rule.ts'
import type { SystemScope } from './scope.ts'

export interface PutPlan {
  readonly mapping: string
  /** aliases whose rows are the resource's own: the owner and its parts */
  readonly own: ReadonlySet<string>
  /** `alias.column` of primary keys: they never change */
  readonly keys: ReadonlySet<string>
  /** `alias.column` of whole numbers, keys and foreign keys among them, which FHIR says as text */
  readonly numbers: ReadonlySet<string>
  readonly each?: { readonly alias: string; readonly field: Field; readonly numbered: boolean }
}

export function putPlan(scope: SystemScope, { mapping, source, slot }: MappingData): PutPlan {
  const parts = Object.entries(source.join ?? {}).filter(([, { part }]) => part)
  const own = [[source.alias, source] as const, ...parts]
  const [each] = Object.entries(source.each ?? {})
  return {
    mapping,
    own: new Set([...own.map(([alias]) => alias), ...(each ? [each[0]] : [])]),
    keys: new Set(
      own.flatMap(([alias, { collection }]) =>
        listOf(scope.system.keys[collection]).map((column) => `${alias}.${column}`),
      ),
    ),
    numbers: new Set(
      own.flatMap(([alias, { collection }]) => numberColumns(scope, collection).map((column) => `${alias}.${column}`)),
    ),
    ...(each && {
      each: { alias: each[0], field: parseField(each[1]), numbered: typeof slot === 'object' && slot.by === 'index' },
    }),
  }
}

function numberColumns({ columns, system }: SystemScope, collection: string): string[] {
  const isNumber = (kind: string | undefined): boolean => kind === 'integer' || kind === 'key integer'
  const keyKind = (target: string): string | undefined => columns[target]?.[listOf(system.keys[target])[0] ?? '']
  return Object.entries(columns[collection] ?? {}).flatMap(([column, kind]) =>
    isNumber(kind.startsWith('ref ') ? keyKind(kind.slice('ref '.length)) : kind) ? [column] : [],
  )
}

/** The reference that names the row an element belongs to. */
export function ownerRule(
  { source }: MappingData,
  { keys }: PutPlan,
  shapes: readonly { readonly rules: readonly Rule[] }[],
): Rule | undefined {
  return shapes
    .flatMap(({ rules }) => rules)
    .find(
      (rule) =>
        rule.source.kind === 'reference' &&
        rule.source.field.alias === source.alias &&
        keys.has(`${source.alias}.${rule.source.field.column}`),
    )
}

export function ownerKeyOf({ source, paths }: Rule, sent: Resource): string | undefined {
  const reference = elementValue(sent, paths[0] as ElementPath) as Reference | undefined
  if (source.kind !== 'reference' || reference === undefined) return undefined
  return String(keyOfReference(source.rule, reference, undefined))
}
