/**
 * What a compiled mapping offers: rows ↔ resources, as pure functions.
 *
 * The caller (projection, command line) fetches rows along `joins`, asks which references exist, then calls `get`.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Beside } from './beside.ts'
import type { CodeTable } from './code-table.ts'
import type { ElementPath } from './element-path.ts'
import type { ElementLineage } from './explain.ts'
import type { Field } from './field.ts'
import type { JobsData } from './jobs.ts'
import type { MappingData } from './mapping-file.ts'
import type { WriteRules } from './write-rules.ts'

/** A row as MongoDB holds it. */
export type Row = Readonly<Record<string, unknown>>
/** Rows by alias: the owner's, joined ones (undefined when not there), lists for `many` joins. */
export type Rows = Readonly<Record<string, Row | readonly Row[] | undefined>>

export interface Join {
  readonly alias: string
  readonly collection: string
  /** the side already there; undefined for `on: all` */
  readonly from?: { readonly alias: string; readonly column: string }
  /** the column of the joined collection; undefined for `on: all` */
  readonly column?: string
  readonly kind: 'one' | 'many' | 'member' | 'all'
  readonly part: boolean
}

/** What `get` needs to know of the world besides the rows. */
export interface LensContext {
  /** ISTHMUS_CANONICAL_BASE, no slash at the end */
  readonly base: string
  readonly timeZone: string
  /** Links of files as they are stored, for the gateway itself: nobody else is shown them (G12). */
  readonly storedLinks?: boolean
  /** The tenant's source key, for the tenant tag; undefined in the default tenant. */
  readonly tenantKey?: string
  /** Is `Type/id` a current resource of this tenant? */
  has(reference: string): boolean
  /** A value that was kept but could not be translated: counted and shown, never fatal. */
  warn(warning: Warning): void
}

export interface Warning {
  readonly mapping: string
  readonly rule: string
  readonly reason: string
}

/** One resource-to-be of a row: its id is known before its content. */
export interface Part {
  readonly lens: Lens
  readonly type: string
  readonly id: string
  readonly slot: string
  /** soft-deleted in the source: 410, not content */
  readonly gone: boolean
  readonly rows: Rows
  /** of an element of an array: where it stands */
  readonly index?: number
}

export interface Lens {
  /** `hms/patient` */
  readonly name: string
  readonly system: string
  readonly type: string
  readonly collection: string
  readonly alias: string
  readonly joins: readonly Join[]
  /** several rows may give the same resource */
  readonly shared: boolean
  readonly hash: string
  /** canonical URLs of the profiles its resources claim */
  readonly profiles: readonly string[]
  /** its resources name files of the source: what follows their id in `Binary/<id>`, such as `.photo` or nothing */
  readonly fileSlots: readonly string[]
  /** elements whose values the gateway's own copies hold sealed */
  readonly sealed: readonly ElementPath[]
  /** types its references point at */
  readonly targets: readonly string[]
  /** parts of a split row; one empty text otherwise */
  readonly slots: readonly string[]
  /** the array column whose elements are resources */
  readonly each?: { readonly alias: string; readonly field: Field; readonly numbered: boolean }
  readonly writes: WriteRules
  parts(rows: Rows, context: Pick<LensContext, 'base'>): readonly Part[]
  /** `Type/id` of every reference that `get` will ask `has` about */
  references(part: Part): readonly string[]
  /** Throws MappingProblem when a value cannot be read. */
  get(part: Part, context: LensContext): Resource | undefined
  /** Where each element of the resource comes from; without one, of what `get` gives. */
  explain(part: Part, resource: Resource | undefined, context: LensContext): readonly ElementLineage[]
  /** The changed rows by alias; throws NotStorableError. Rows and columns that no rule changed are the same objects. */
  put(part: Part, resource: Resource, context: LensContext): Rows
  /** What of a write the rows do not hold; throws NotStorableError when the lens owns it (settle.ts). */
  settle(slot: string, sent: Resource, before: Resource | undefined, after: Resource): Beside | undefined
  /** The resource as the rules understand it: a name without a use is the official one. */
  understand(slot: string, sent: Resource): Resource
  /** A resource-to-be of rows that are not stored yet; its id is known once they have their keys. */
  blank(slot: string, rows: Rows, index?: number): Part
  /** Of an element of an array: the key of the row that owns the array. */
  ownerKey(sent: Resource): string | undefined
  /** The part's own columns, emptied. */
  empty(part: Part): Rows
}

/** A source system, compiled: its mappings by owning collection. */
export interface SourceSystem {
  readonly system: string
  readonly title: string
  readonly idPrefix: string
  /** primary key columns by collection */
  readonly keys: ReadonlyMap<string, readonly string[]>
  /** columns the gateway never reads, by collection */
  readonly secrets: ReadonlyMap<string, readonly string[]>
  readonly tenant?: {
    readonly column: string
    readonly collection: string
    readonly key: string
    readonly slug: string
  }
  /** how the present moment is stored where a column is empty */
  readonly timestamps: 'sql' | 'iso' | 'date'
  /** collections that have the tenant's column */
  readonly tenanted: ReadonlySet<string>
  readonly lenses: readonly Lens[]
  readonly jobs: JobsData
  readonly hash: string
  /** what its files say, for those who describe it: profiles, ConceptMaps */
  readonly written: {
    readonly mappings: readonly MappingData[]
    readonly tables: ReadonlyMap<string, CodeTable>
  }
}
