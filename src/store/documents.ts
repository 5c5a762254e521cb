/**
 * The shapes of the gateway's own documents in MongoDB. Every collection's keys carry the tenant (docs/architecture.md).
 *
 * `body` is the JSON text exactly as it is sent, so that a read copies bytes and decimals keep their digits.
 */
import type { Binary, ObjectId, Timestamp } from 'mongodb'
import type { SearchKeys } from '../r4/search-keys.ts'

/** Where a mapped resource comes from. */
export interface Origin {
  readonly instance: string
  readonly collection: string
  readonly mapping: string
  readonly mappingHash: string
  readonly slot: string
  /** `_id` in `rows` of the row that gives it */
  readonly row: string
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
  /** with values sealed in it where a mapping says so: read through sealed-bodies.ts only */
  readonly body: string
  /** hash of the body without versionId and lastUpdated: equal content makes no version */
  readonly hash: string
  /**
   * versionId and hash of what the search keys are made of: they are half of the document, and neither made nor sent again
   * while that is the same. With the version, so that whoever writes keys and does not know of it is noticed.
   */
  readonly keyHash?: string
  readonly origin?: Origin
  /** JSON text of what FHIR clients wrote that the lens does not own (src/mapping/beside.ts); sealed where anything is */
  readonly beside?: string
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
  /** which FHIR client wrote it; none when it came from the source */
  readonly by?: string
}

/** `rows`: what each source row was projected into and what it leaned on; found by `deps` when one of those changes. */
export interface RowDocument {
  /** `<instance>/<collection>/<_id as text>` */
  readonly _id: string
  readonly instance: string
  readonly collection: string
  /** the source row's `_id`, as it is there */
  readonly row: unknown
  /** hash of the row without its secret columns: what did not change needs no work and disturbs nobody */
  readonly hash: string
  /** what joins can find this row by: `<instance>.<collection>.<column>=<value>` */
  readonly answers: readonly string[]
  /**
   * What it leaned on: lookups made for it (in the form of `answers`), references it holds (`@<tenant>/<Type>/<id>`),
   * resources other rows may give too (`^<tenant>/<Type>/<id>`) and its tenant's address (`&<instance>/<tenant key>`).
   */
  readonly deps: readonly string[]
  /** `_id`s of the current resources it gave */
  readonly resources: readonly string[]
  /** it has a document in `problems` */
  readonly problem: boolean
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

/**
 * `pending`: rows to be projected again, worked off in pages: those that lean on what changed, where they were too many
 * for the transaction that changed it, or those with problems that somebody wants tried again.
 */
export interface PendingDocument {
  readonly _id: ObjectId
  readonly deps: readonly string[]
  readonly problems?: ProblemFilter
  /** `_id` in `rows` of the last row done */
  readonly after: string
}

/** Which problems are meant; what is not said is not asked for. */
export interface ProblemFilter {
  readonly instances?: readonly string[]
  readonly collection?: string
  readonly mapping?: string
}

/** `outbox`: the versions of one commit, for whom something follows from them; removed by the relay. */
export interface OutboxDocument {
  readonly _id: ObjectId
  readonly at: Date
  readonly changes: readonly { readonly id: string; readonly v: number; readonly method: VersionDocument['method'] }[]
  /** the only follower that has not got them: they were parked for it, and it shall try again */
  readonly for?: string
}

/** `parked`: versions that one of the followers fails at, set aside so that everything else goes on. */
export interface ParkedDocument extends Pick<OutboxDocument, 'at' | 'changes'> {
  readonly _id: ObjectId
  readonly follower: string
  /** kind of error; what it says stands in the log */
  readonly reason: string
}

/** `guards`: written by whoever is about to make what may be there once only, so that two at once collide. */
export interface GuardDocument {
  readonly _id: string
  readonly n: number
}

/** `counters`: the last number given of a column or template. */
export interface CounterDocument {
  readonly _id: string
  readonly n: number
}

/**
 * `positions`: how far the change stream is projected. Every transaction of the projection writes it, together with what
 * it caused: with the fencing token of its lease, so that a worker that lost the lease without noticing writes nothing.
 */
export interface PositionDocument {
  /** one of two places (positions.ts) */
  readonly _id: string
  readonly fence: number
  /** counts the transactions */
  readonly commits: number
  /** where to begin when there is no token */
  readonly start: Timestamp
  /** the stream's resume token */
  readonly token?: unknown
}

/** `backfills`: how far a collection is projected from its beginning, under which mappings. */
export interface BackfillDocument {
  /** `<instance>/<collection>` */
  readonly _id: string
  readonly instance: string
  readonly collection: string
  /** of everything its resources depend on besides rows: another one starts it again */
  readonly hash: string
  /** counts its starts: a batch of an earlier one does not count */
  readonly run: number
  /** `rows`: projecting what is there; `sweep`: removing what is not; `done` */
  readonly phase: 'rows' | 'sweep' | 'done'
  /** the last row done: its `_id`, or while sweeping its `_id` in `rows` */
  readonly after?: { readonly id: unknown }
  readonly done: number
  readonly total: number
  /** it was done at least once: what is there can be served while it runs again */
  readonly finished: boolean
  /** when it was done last */
  readonly ended?: Date
}

/** `leases`: one worker projects at a time. */
export interface LeaseDocument {
  readonly _id: string
  readonly owner: string
  readonly expires: Date
  readonly fence: number
  /** the first of its sessions, for releases that know of one */
  readonly session: Binary
  /** its sessions, to be ended by whoever takes over */
  readonly sessions?: readonly Binary[]
  /** milliseconds the oldest change not yet projected has waited, by instance */
  readonly lag: Readonly<Record<string, number>>
}

/** `indexing`: which search parameters of a type all its resources have keys of, each with the hash of what it was then. */
export interface IndexingDocument {
  /** resource type */
  readonly _id: string
  readonly ready: Readonly<Record<string, string>>
  /** which are being built; none when none are */
  readonly building?: Readonly<Record<string, string>>
  /** counts what happened to the document: what was begun before the last time does not count */
  readonly run: number
  /** `_id` of the last resource done, or '' */
  readonly after: string
  readonly done: number
  readonly total: number
  /** it begins when a program that writes by other parameters has ended */
  readonly waits?: boolean
}

/** `writers`: the programs that write resources, and by which search parameters. */
export interface WriterDocument {
  /** the program, as leases name it */
  readonly _id: string
  /** hash of the search parameters, by type */
  readonly sets: Readonly<Record<string, string>>
  /** name of the key it seals with, where it has one */
  readonly kid?: string
  readonly expires: Date
}

/** `uploads`: files that no version names yet, and maybe never will (files.ts). */
export interface UploadDocument {
  /** `<tenant>/<name>`, as the file has it */
  readonly _id: string
  readonly t: string
  /** for which resource: `Binary/1` */
  readonly resource: string
  readonly at: Date
}

/** `meta`: the schema version, what was done once, keys that all gateways share, the definitions each tenant has. */
export interface MetaDocument {
  readonly _id: string
  /** a key that all gateways share (shared-key.ts) */
  readonly sealed?: string
  /** names of the keys that something may be sealed with */
  readonly kids?: readonly string[]
  readonly version?: number
  readonly at?: Date
  readonly hash?: string
  readonly places?: readonly string[]
}

/** `mappingSets`: the files of every set of mappings that was active. */
export interface MappingSetDocument {
  /** hash of the files */
  readonly _id: string
  readonly files: readonly { readonly path: string; readonly text: string }[]
  /** when it was activated last */
  readonly activated: Date
}

/** In `meta`: which set of mappings is active. */
export interface ActiveMappingsDocument {
  readonly _id: 'mappings'
  readonly active: string
  readonly previous?: string
  readonly folder: string
}
