/** The shapes of the audit's own documents (docs/audit.md). They hold who saw what of whom, and never a value of a record. */

/** `audit`: what was done, an event each; append only. */
export interface AuditDocument {
  /** `<tenant>/<id>`: ids are in the order of time */
  readonly _id: string
  readonly t: string
  readonly at: Date
  /** an interaction of FHIR (`read`), an operation (`$everything`) or an act (`login`) */
  readonly kind: string
  /** AuditEvent.action */
  readonly action: AuditAction
  /** as HTTP says it: 200 where it was done, 404 where it was refused */
  readonly status: number
  readonly who: AuditAgent
  /** the same for all events of one request */
  readonly request: string
  /** what was looked for, where that was in the address */
  readonly query?: string
  readonly what?: readonly AuditEntities[]
  /** why, where that had to be said: a code of v3-PurposeOfUse, and words */
  readonly purpose?: string
  readonly reason?: string
}

/**
 * In `audit` as well, so that it is written by the same command: events that were added together and are not linked yet. It
 * goes when they are: no event is ever changed.
 */
export interface AuditNote {
  /** `~<tenant>/<id of the first>` */
  readonly _id: string
  readonly t: string
  /** ids, without the tenant */
  readonly open: readonly string[]
}

export type AuditAction = 'C' | 'R' | 'U' | 'D' | 'E'

export interface AuditAgent {
  readonly account?: string
  /** `Practitioner/1` */
  readonly person?: string
  readonly client?: string
  /** hash of the access token */
  readonly token?: string
  readonly address?: string
  /** what is none of these: a command of the operator */
  readonly name?: string
}

/** Among the patients of an event: all there are. */
export const EVERYBODY = '*'

/** Resources that are of the same patients. */
export interface AuditEntities {
  /** ids; none: of no patient */
  readonly p?: readonly string[]
  /** `Observation/1/_history/3`, or `Observation/1` where nothing of it was given out */
  readonly n: readonly string[]
}

/** `auditChain`: events as they were linked, some at a time. */
export interface AuditLink {
  /** `<tenant>/<number of its first event, twelve digits>` */
  readonly _id: string
  readonly t: string
  /** number of its first event, from 1 */
  readonly first: number
  readonly at: Date
  /** ids of its events, without the tenant */
  readonly ids: readonly string[]
  /** of each event, with its number */
  readonly digests: readonly string[]
  /** hash of the link before it; '' of the first */
  readonly previous: string
  readonly hash: string
  /** by which key; '' where none is configured */
  readonly key: string
}

/** `auditHeads`: where the chain of a tenant begins and ends, so that an end that was cut off is noticed. */
export interface AuditHead {
  /** tenant */
  readonly _id: string
  /** number of the first event that is kept, and the hash of the link before it */
  readonly start: { readonly number: number; readonly previous: string }
  /** number of the last event, and the hash of its link */
  readonly end: { readonly number: number; readonly hash: string }
  /** of these, by the key */
  readonly seal: string
  readonly key: string
}
