/** What clients ask to be written, and what came of it: plain data between the APIs and the write-back. */
import type { Filter } from 'mongodb'
import type { Resource } from '@medplum/fhirtypes'
import type { Row } from '../mapping/lens.ts'
import type { AuditDocument } from '../store/audit-documents.ts'
import type { ResourceDocument } from '../store/documents.ts'
import type { Once } from '../store/kept-answers.ts'
import type { OpeningDocument } from '../store/openings.ts'
import type { OwedEnd } from '../store/handouts.ts'
import type { SearchReader } from '../store/search-reader.ts'
import type { SubscriptionWrite } from '../store/subscriptions.ts'

/** Which resource a condition means, and a text that is the same for the same condition. */
export interface Condition {
  readonly key: string
  /** chains are looked up as the write sees them */
  readonly filter: (reader: SearchReader) => Promise<Filter<ResourceDocument>>
}

/** Of those that name it alike, one at a time; and nothing but what is written may fit the condition then. */
export interface Free {
  readonly name: string
  readonly condition: Condition
  /** what whoever comes second is told */
  readonly taken: string
}

interface Placed {
  /** where in a bundle it stands: `Bundle.entry[2]` */
  readonly at?: string
  /** other operations of the same commit refer to it by this */
  readonly fullUrl?: string
  /** conditional references in what is sent, each of which means exactly one resource */
  readonly references?: ReadonlyMap<string, Condition>
  readonly free?: Free | undefined
  /** what a Subscription asks for, kept beside it; of an update as it was edited last */
  subscription?(): SubscriptionAsked | undefined
}

export type SubscriptionAsked = Omit<SubscriptionWrite, '_id' | 't' | 'at'>

/** By its id, or by a condition that one resource fits (R4 http.html#cond-update). */
type Target = { readonly id: string } | { readonly where: Condition }

export type Operation = Create | Update | Remove

export type Create = Placed & {
  readonly method: 'POST'
  readonly type: string
  readonly resource: Resource
  /** If-None-Exist */
  readonly unless?: Condition
  /** its id, of what is stored as it is: others can refer to it before it is made */
  readonly reserved?: string
  /** what is opened, and told by it */
  readonly opening?: OpeningDocument
  /** The gateway's own, whichever source has such resources; it leans on no other operation of its commit. */
  readonly own?: true
}

export type Update = Placed &
  Target & {
    readonly method: 'PUT'
    readonly type: string
    /** what was sent, where `edit` is known before the write */
    readonly resource?: Resource
    /** If-Match */
    readonly version?: number
    /** from what is there (undefined: nothing, where that is not refused) to what shall be */
    edit(current: Resource | undefined): Resource
    /** a patch never makes what is not there */
    readonly existing?: true
  }

export type Remove = Placed & Target & { readonly method: 'DELETE'; readonly type: string; readonly version?: number }

/** Rows of one source that change together, as the gateway's own APIs beside FHIR ask for it (change-rows.ts). */
export interface ChangeRows {
  readonly method: 'ROWS'
  readonly at?: string
  readonly changes: readonly RowChange[]
}

export interface RowChange {
  /** whose rules it is held to: `sop/case`, of the source of the tenant */
  readonly mapping: string
  /** of several sources with rows of tenants of their own */
  readonly instance?: string
  /** primary key of the row, in the order of its columns */
  readonly key: readonly string[]
  /**
   * From the row that is there (undefined: none) to what shall be; undefined or the same: nothing is to be done. Columns
   * that are not named stay. Asked again when it must be tried again; what it throws is the answer.
   */
  edit(row: Row | undefined, at: Date): Row | undefined
  /** If-Match: of what it gives */
  readonly version?: number
  /** by the one whose record it is: only while the mapping says that it may be edited */
  readonly isOwners?: true
  /** a consequence of the other changes, which no Permit is asked for */
  readonly follows?: true
}

export type WriteOperation = Operation | ChangeRows

/** Do several of them depend on each other? */
export function isSeveral(operations: readonly WriteOperation[]): boolean {
  return operations.filter((each) => !('own' in each && each.own)).length > 1
}

export interface Written {
  /** `absent`: a conditional delete that nothing fits; it has no version */
  readonly outcome: 'created' | 'updated' | 'same' | 'deleted' | 'found' | 'absent'
  /** `<tenant>/<Type>/<id>` */
  readonly _id: string
  readonly v: number
  readonly u: Date
  readonly body: string
  /** what was there before it */
  readonly before?: string
}

/** What goes with a commit, beside what it writes. */
export interface Accompaniment {
  readonly recordOf?: RecordOf | undefined
  /** it is marked as done by it */
  readonly once?: Once | undefined
  /** the message that was sent, and of which it tells */
  readonly owed?: OwedEnd | undefined
}

/** What is put on record of a commit, in its transaction; asked again for each try. */
export type RecordOf = (written: readonly Written[], at: Date) => readonly AuditDocument[]
