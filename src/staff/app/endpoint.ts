/** What an endpoint is: a POST with a JSON body, answered in an envelope; and what it works with. */
import type { Permit } from '../../access/permit.ts'
import type { Asked } from '../../audit/asked.ts'
import type { Trail } from '../../audit/trail.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import type { RowChange } from '../../projection/operation.ts'
import type { Store } from '../../store/collections.ts'
import type { Reply } from './envelope.ts'
import type { Body } from './fields.ts'
import type { Notify } from './notify.ts'
import type { SecondOpinions } from './second-opinions.ts'
import type { Language } from './words.ts'

export interface Endpoint {
  /** as what it is on record, of what; none: it tells of nobody */
  asked?(body: Body, source: SecondOpinions): Asked
  /** the body is not read */
  readonly ignoresBody?: true
  handle(call: Call): Promise<Reply> | Reply
}

export interface Call {
  readonly body: Body
  readonly language: Language
  /** account of whoever asks */
  readonly user: string
  readonly permit: Permit
  readonly store: Store
  readonly source: SecondOpinions
  readonly deadline: Deadline
  /** none: it is not on record */
  readonly trail: Trail | undefined
  /** all or none */
  readonly change: (changes: readonly RowChange[], as?: Permit) => Promise<void>
  readonly notify: Notify
  readonly now: () => Date
}
