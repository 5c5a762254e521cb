/**
 * What is projected: every collection that owns a mapping or is joined by one, with all that a batch needs to know.
 *
 * Computed once from systems and configuration; a collection's `hash` changes with whatever its resources depend on
 * besides rows, and then the collection is projected again.
 */
import { hash } from 'node:crypto'
import type { Lens, SourceSystem } from '../mapping/lens.ts'
import { collectionKey } from '../store/row-id.ts'
import type { SealedFields } from '../seal/sealed-text.ts'
import type { SourceCollection } from '../store/source-rows.ts'

/** An instance of a source system; its database's name tells it from others. */
export interface Source {
  readonly system: SourceSystem
  readonly database: string
  /** of rows that belong to no tenant of their own */
  readonly tenant: string
  readonly timeZone: string
  /** what the gateway does by itself on its rows */
  readonly jobs?: readonly string[]
}

/** Types of which rows of a tenant hold some. */
export function mappedTypes({ collections }: Plan, tenant: string): ReadonlySet<string> {
  const ofTenant = [...collections.values()].filter(
    ({ source }) => source.system.tenant !== undefined || source.tenant === tenant,
  )
  return new Set(ofTenant.flatMap(({ lenses }) => lenses.map(({ type }) => type)))
}

export interface CollectionPlan extends SourceCollection {
  readonly instance: string
  readonly source: Source
  readonly lenses: readonly Lens[]
  /** primary key columns */
  readonly key: readonly string[]
  /** columns that some lens joins this collection by */
  readonly joinedBy: readonly string[]
  /** columns that writes look values up in: unique ones, and those that get numbers */
  readonly sought: readonly string[]
  /** some lens reads the whole collection */
  readonly joinedWhole: boolean
  readonly hash: string
}

export interface Plan {
  readonly base: string
  /** by `<instance>/<collection>`, those first that others join or refer to */
  readonly collections: ReadonlyMap<string, CollectionPlan>
  /** elements whose values are kept sealed, by type */
  readonly sealed: SealedFields
  /** types that some reference points at */
  readonly targets: ReadonlySet<string>
}

/** Those that something is projected of. */
export function sourcesIn({ collections }: Plan): Source[] {
  return [...new Set([...collections.values()].map(({ source }) => source))]
}

/** Raised when the projection itself gives other resources or keys for the same rows and mappings. */
const PROJECTION_VERSION = 1

export function planOf(sources: readonly Source[], base: string): Plan {
  const collections = sources.flatMap((source) =>
    inOrder(source.system).map((collection) => collectionPlan(source, collection, base)),
  )
  return {
    base,
    collections: new Map(collections.map((plan) => [collectionKey(plan.instance, plan.collection), plan])),
    sealed: sealedFields(sources.flatMap(({ system }) => system.lenses)),
    targets: new Set(sources.flatMap(({ system }) => system.lenses.flatMap(({ targets }) => targets))),
  }
}

function sealedFields(lenses: readonly Lens[]): SealedFields {
  const fields = new Map<string, Set<string>>()
  for (const { type, sealed } of lenses) {
    for (const { steps } of sealed) {
      const elements = fields.get(type) ?? new Set<string>()
      fields.set(type, elements.add(steps.map(({ name }) => name).join('.')))
    }
  }
  return fields
}

function collectionPlan(source: Source, collection: string, base: string): CollectionPlan {
  const { system, database, tenant, timeZone } = source
  const lenses = system.lenses.filter((lens) => lens.collection === collection)
  const joins = system.lenses.flatMap((lens) => lens.joins.filter((join) => join.collection === collection))
  const byColumn = joins.flatMap(({ kind, column }) => (isLookup(kind) && column !== undefined ? [column] : []))
  const ownTenant = system.tenant?.collection === collection ? [system.tenant.key] : []
  const joinedBy = [...new Set([...byColumn, ...ownTenant])].sort()
  const joinedWhole = joins.some(({ kind }) => !isLookup(kind))
  const facts = [
    lenses.map((lens) => [lens.name, lens.hash]),
    joinedBy,
    joinedWhole,
    base,
    tenant,
    timeZone,
    system.tenant,
  ]
  return {
    instance: database,
    source,
    database,
    collection,
    secrets: system.secrets.get(collection) ?? [],
    lenses,
    key: system.keys.get(collection) ?? [],
    joinedBy,
    sought: soughtColumns(system, collection),
    joinedWhole,
    hash: hash('sha256', JSON.stringify([PROJECTION_VERSION, facts])).slice(0, 16),
  }
}

function soughtColumns({ lenses }: SourceSystem, collection: string): string[] {
  const columns = lenses.flatMap(({ alias, collection: owner, joins, writes }) => {
    const aliases = new Set([
      ...(owner === collection ? [alias] : []),
      ...joins.filter((join) => join.collection === collection).map((join) => join.alias),
    ])
    const numbered = writes.fresh.filter(({ start }) => start.kind === 'allocate' || start.kind === 'integer')
    return [...writes.uniques, ...numbered].filter((field) => aliases.has(field.alias)).map(({ column }) => column)
  })
  return [...new Set(columns)].sort()
}

/** One value is looked up at a time; `member` and `all` read the whole collection. */
export function isLookup(kind: Lens['joins'][number]['kind']): boolean {
  return kind === 'one' || kind === 'many'
}

/** The collections of a system: tenants first, then what is joined or referred to before what joins and refers. */
function inOrder(system: SourceSystem): string[] {
  const ordered = new Set<string>(system.tenant ? [system.tenant.collection] : [])
  const visiting = new Set<string>()
  const visit = (collection: string): void => {
    if (visiting.has(collection)) return
    visiting.add(collection)
    for (const before of leansOn(system, collection)) visit(before)
    ordered.add(collection)
  }
  for (const { collection } of system.lenses) visit(collection)
  return [...ordered]
}

function leansOn(system: SourceSystem, collection: string): string[] {
  return system.lenses
    .filter((lens) => lens.collection === collection)
    .flatMap((lens) => [
      ...lens.joins.map((join) => join.collection),
      ...system.lenses.filter(({ type }) => lens.targets.includes(type)).map((target) => target.collection),
    ])
}
