/**
 * The shapes of the gateway's own documents in MongoDB. Every collection's keys carry the tenant (docs/architecture.md).
 *
 * `body` is the JSON text exactly as it is sent, so that a read copies bytes and decimals keep their digits.
 */
import type { SearchKeys } from '../r4/search-keys.ts'

/** Where a mapped resource comes from. */
export interface Origin {
  readonly instance: string
  readonly collection: string
  readonly mapping: string
  readonly mappingHash: string
  readonly slot: string
}

/** `resources`: one per current resource. A deleted one stays as a tombstone (body '', no keys). */
export interface ResourceDocument extends SearchKeys {
  /** `<tenant>/<Type>/<id>` */
  readonly _id: string
  /** tenant */
  readonly t: string
  /** `<tenant>/<Type>` */
  readonly tt: string
  /** versionId */
  readonly v: number
  /** meta.lastUpdated */
  readonly u: Date
  readonly deleted: boolean
  readonly body: string
  /** hash of the body without versionId and lastUpdated: equal content makes no version */
  readonly hash: string
  readonly origin?: Origin
}

/** `versions`: every version, append only. */
export interface VersionDocument {
  /** `<tenant>/<Type>/<id>/<version, ten digits>` */
  readonly _id: string
  readonly t: string
  readonly tt: string
  readonly v: number
  readonly u: Date
  readonly method: 'POST' | 'PUT' | 'DELETE'
  /** '' when deleted */
  readonly body: string
}

/** `rows`: what each source row was projected into and what it leaned on; found by `deps` when one of those changes. */
export interface RowDocument {
  /** `<instance>/<collection>/<_id as text>` */
  readonly _id: string
  /** what joins can find this row by: `<instance>.<collection>.<column>=<value>` */
  readonly answers: readonly string[]
  /** lookups made for it (in the form of `answers`) and references it holds (`@<tenant>/<Type>/<id>`) */
  readonly deps: readonly string[]
  /** `_id`s of the resources it gave */
  readonly resources: readonly string[]
}

/** `problems`: a row that could not be mapped (or a warning about one), retried when row or mapping changes. */
export interface ProblemDocument {
  /** the row's `_id` in `rows` */
  readonly _id: string
  readonly instance: string
  readonly collection: string
  /** the row's key, as text */
  readonly key: string
  readonly mapping: string
  readonly rule: string
  readonly reason: string
  readonly since: Date
}

/** `tenants`: slugs that are served beside `default`. */
export interface TenantDocument {
  /** slug */
  readonly _id: string
  readonly instance: string
  readonly key: string
  readonly name: string
}
