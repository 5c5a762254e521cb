/**
 * `jobs`: what was asked in bulk, how far it is and what came of it. This is the truth about a job; the queue only says
 * that there is something to do, and may be lost at any time.
 */
import type { Permit } from '../access/permit.ts'

export type JobDocument = ExportJob | ImportJob

interface CommonJob {
  /** in its addresses; nobody guesses it */
  readonly _id: string
  /** tenant */
  readonly t: string
  /** who asked, with which rights: the work is done with the same */
  readonly by: string
  readonly permit: Permit
  /** the grant that it was asked by, or the hash of the token where that came of none: it ends with it */
  readonly grant?: string
  readonly token?: string
  /** FHIR base it was asked at, and the whole address */
  readonly base: string
  readonly request: string
  /** when it was asked; of an export, the moment it shows (transactionTime) */
  readonly created: Date
  /** receiving: what it is about is still on its way */
  readonly state: 'receiving' | 'open' | 'done' | 'failed' | 'cancelled'
  /** why it failed, for who asked */
  readonly reason?: string
  /** when it and its files are removed */
  readonly expires?: Date
  /** who is at work on it, until when if nothing more is heard, and the number of this try */
  readonly owner: string
  readonly until: Date
  readonly fence: number
  /** tries since something was finished last */
  readonly tries: number
}

export interface ExportJob extends CommonJob {
  readonly kind: 'export'
  readonly wish: ExportWish
  /** what resources of a type must be, as EJSON text: made once, so that another try asks the same */
  readonly filters?: Readonly<Record<string, string>>
  readonly steps: Readonly<Record<string, ExportStep>>
  readonly files: readonly ExportFile[]
}

/** What is exported, checked. */
export interface ExportWish {
  readonly types: readonly string[]
  /** what was changed after it */
  readonly since?: Date
  /** searches by type, any of which is enough */
  readonly searches: Readonly<Record<string, readonly string[]>>
  /** by type; `*` for all */
  readonly elements: Readonly<Record<string, readonly string[]>>
  /** what is in the compartments of these patients; `all` of them */
  readonly patients?: 'all' | readonly string[]
  /** what was asked and left out, in sentences */
  readonly ignored?: readonly string[]
}

export interface ExportStep {
  /** `_id` of the last resource that is in a file, or was looked at */
  readonly after: string
  readonly done: boolean
  readonly count: number
}

export interface ExportFile {
  readonly type: string
  /** resources, or a list of what was deleted */
  readonly kind: 'output' | 'deleted'
  /** in its address */
  readonly name: string
  /** where it is stored */
  readonly stored: string
  readonly count: number
  /** of the lines as they are after unpacking */
  readonly bytes: number
  readonly sha256: string
}

export interface ImportJob extends CommonJob {
  readonly kind: 'import'
  readonly inputs: readonly ImportInput[]
  /** which input is being read, and how many of its lines are done */
  readonly input: number
  readonly line: number
  readonly counts: ImportCounts
}

export interface ImportInput {
  /** as who asked calls it */
  readonly name: string
  /** where it is stored */
  readonly stored: string
  /** in the folder that imports are read from, or sent with the request */
  readonly place: 'folder' | 'sent'
  readonly isPacked: boolean
  /** all resources in it are of this type */
  readonly type?: string
}

export type ImportCounts = Readonly<Record<'created' | 'updated' | 'unchanged' | 'refused', number>>

/** `refusals`: lines of imports that were not taken, each with an OperationOutcome. */
export interface RefusalDocument {
  /** `<job>/<input, four digits>/<line, ten digits>`: another try says it once only */
  readonly _id: string
  readonly job: string
  readonly text: string
}
