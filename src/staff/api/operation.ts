/** What an operation of the staff API is told and gives back: plain data, so that it never touches HTTP itself. */
import type { Caller } from '../../access/caller.ts'
import type { Answer } from '../../http/answer.ts'
import type { Once } from '../../store/kept-answers.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import type { Lines } from './lines.ts'
import type { Records } from './records.ts'
import type { ApiParts } from './parts.ts'

export interface ApiRequest {
  /** as openapi.yaml has them: of the path, of the query, and the body, all checked against it */
  readonly path: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
  readonly caller: Caller
  readonly tenant: string
  /** of the network */
  readonly address: string
  /** what a signed-in browser sends with a change */
  readonly csrf?: string
  readonly deadline: Deadline
  /** `If-Match`: the version that is to be changed */
  readonly version?: number
  /** Idempotency-Key: what it writes is marked as done */
  readonly once?: Once
  /** FHIR with the rights of the caller, on record as theirs */
  readonly records: Records
  /** what lists show of it */
  readonly lines: Lines
}

export interface ApiAnswer {
  readonly status: number
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  /** instead of a body: bytes, of which the headers say what they are */
  readonly file?: Pick<Answer, 'body' | 'stream'>
  /** what is kept for who repeats the request, where the body holds a secret that is shown once */
  readonly kept?: object
}

export interface ApiOperation {
  handle(request: ApiRequest, parts: ApiParts): Promise<ApiAnswer>
  /**
   * The answer to what was committed (`Type/id/_history/version`) by a request that was killed before it was answered;
   * needed of a POST that writes.
   */
  again?(request: ApiRequest, written: readonly string[], parts: ApiParts): Promise<ApiAnswer>
}

export function ok(body: object): ApiAnswer {
  return { status: 200, body }
}
