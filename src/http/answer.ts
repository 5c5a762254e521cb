/** What a request asks and what it is answered, without the HTTP server under it. */
import type { Readable } from 'node:stream'
import type { Caller } from '../access/caller.ts'
import type { Trail } from '../audit/trail.ts'
import type { Deadline } from '../kernel/deadline.ts'
import type { Once } from '../store/kept-answers.ts'
import type { Stored } from '../store/raw.ts'

/** What a handler gives back: it never touches the response itself, so it cannot send two. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** JSON text, as it is or in UTF-8 */
  readonly body?: string | Buffer
  /** instead of `body`: what is sent as it comes; the headers say what it is, and its length where that is known */
  readonly stream?: Readable
  /** what was done, for logs and metrics: words of ours, never values */
  readonly interaction?: string
  /** what went wrong inside although there is an answer: for the log */
  readonly defects?: readonly unknown[]
  /** instead of a body, to who asked for it so (`asPage`) */
  readonly page?: FoundPage
}

/** A page of a search as it was found. */
export interface FoundPage {
  readonly matches: readonly Stored[]
  readonly included: readonly Stored[]
  /** token of the next page; none: there is none */
  readonly next?: string | undefined
}

/** What a FHIR handler is told of a request. */
export interface FhirRequest {
  readonly method: string
  /** decoded path segments under the FHIR base */
  readonly path: readonly string[]
  /** name and value of every query parameter (and of a form body), decoded, in order */
  readonly query: readonly (readonly [string, string])[]
  /** absolute URL of the FHIR base, without a slash at the end */
  readonly base: string
  readonly tenant: string
  readonly caller: Caller
  /** as it was sent, where it was JSON text */
  readonly body?: string
  /** the bytes of a body that is no JSON and no form, to be read once; undefined where there is none */
  content?(): Readable
  readonly deadline: Deadline
  /** where it comes from */
  readonly address?: string
  /** what it does goes on record here: what is given out, and what is written */
  readonly trail?: Trail
  /** what it writes may not meet: never of what was sent, but of who asks here (src/staff) */
  readonly free?: Free
  /** what a search finds is shown in another form than a Bundle (src/staff) */
  readonly asPage?: boolean
  /** under which key it is done once */
  readonly once?: Once
  header(name: string): string | undefined
}

/** Of those that name it alike, one at a time; and nothing else that the search finds may be there. */
export interface Free {
  readonly name: string
  /** of the type that is written, as in If-None-Exist */
  readonly query: string
  /** what whoever comes second is told */
  readonly taken: string
}

export type FhirHandler = (request: FhirRequest) => Promise<Answer>
