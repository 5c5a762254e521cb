/** The files of a source system as data: their shapes once the JSON Schema has passed them. */
import type { Wanted } from './condition.ts'
import type { JobsData } from './jobs.ts'

export type Conditions = Readonly<Record<string, Wanted>>
export type TargetData = string | { readonly mapping: string; readonly mark?: string }

export interface RuleData {
  readonly fhir: string | readonly string[]
  readonly field?: string
  readonly fields?: readonly string[]
  readonly value?: unknown
  readonly codec?: string
  readonly of?: string
  readonly table?: string
  readonly to?: TargetData | readonly TargetData[]
  readonly display?: string | readonly string[]
  readonly only?: 'read' | 'write' | 'create'
  readonly why?: string
  readonly when?: Conditions
  readonly with?: string | readonly string[]
  readonly absent?: string
  readonly empty?: unknown
  readonly otherwise?: string
  /** the gateway's own copies of the value are encrypted */
  readonly sealed?: true
  readonly [option: string]: unknown
}

export interface JoinData {
  readonly collection: string
  readonly on: string
  readonly part?: boolean
  readonly many?: boolean
}

export interface SlotData {
  readonly mark?: string
  readonly by: 'text' | 'index'
  readonly of?: string
}

export interface SplitData {
  readonly needs?: readonly string[]
  readonly when?: Conditions
  readonly profile?: string | readonly string[]
  readonly rules: readonly RuleData[]
}

export type KeyData =
  string | readonly string[] | { readonly first: readonly { readonly field: string; readonly mark?: string }[] }

/** How a new row starts (docs/mapping-language.md, Writing). */
export interface CreateData {
  readonly values?: Readonly<Record<string, unknown>>
  readonly generate?: Readonly<Record<string, 'uuid' | 'integer' | 'now' | 'unusable-secret'>>
  /** column → template, such as `PAT-%06d` */
  readonly allocate?: Readonly<Record<string, string>>
}

export type DeleteData =
  | { readonly set: Readonly<Record<string, unknown>> }
  | { readonly remove: 'row' | 'element' }
  | { readonly empty: true }

export interface ConsequenceData {
  readonly when: Conditions
  readonly set: Readonly<Record<string, unknown>>
}

/** What a mapping says of writes besides its rules. */
export interface WriteData {
  readonly create?: CreateData
  readonly require?: Conditions
  readonly unique?: readonly string[]
  readonly editable?: Conditions
  readonly transitions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  readonly delete?: DeleteData
  readonly touch?: readonly string[]
  readonly accepts?: readonly Conditions[]
  readonly follows?: readonly ConsequenceData[]
}

export interface MappingData extends WriteData {
  readonly mapping: string
  readonly resource: string
  readonly profile?: string | readonly string[]
  readonly direction?: 'rw' | 'ro' | 'create'
  readonly source: {
    readonly collection: string
    readonly alias: string
    readonly join?: Readonly<Record<string, JoinData>>
    readonly where?: Conditions
    readonly deleted?: readonly string[]
    readonly each?: Readonly<Record<string, string>>
    readonly needs?: readonly string[]
  }
  readonly key?: KeyData
  readonly mark?: string
  readonly slot?: string | SlotData
  readonly id?: string
  readonly sid?: string
  readonly rules: readonly RuleData[]
  readonly split?: Readonly<Record<string, SplitData>>
  readonly 'not-mapped'?: Readonly<Record<string, readonly string[]>>
}

export interface SystemData {
  readonly system: string
  readonly title: string
  readonly 'id-prefix': string
  readonly tenant?: {
    readonly column: string
    readonly collection: string
    readonly key: string
    readonly slug: string
  }
  readonly keys: Readonly<Record<string, string | readonly string[]>>
  /** how the present moment is stored where a column is empty; `iso` when not said */
  readonly timestamps?: 'sql' | 'iso' | 'date'
  readonly jobs?: JobsData
  /** collection → why nothing of it is given */
  readonly internal?: Readonly<Record<string, string>>
}

/** collection → column → kind */
export type ColumnsData = Readonly<Record<string, Readonly<Record<string, string>>>>

/** One or a list of them, as a list. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly T[]) : [value as T]
}
