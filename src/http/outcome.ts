/** Every error is an OperationOutcome: translated here, once. */
import { GatewayError } from '../kernel/errors.ts'
import { isPassing, isTooSlow } from '../store/failures.ts'
import type { Answer } from './answer.ts'

export const FHIR_JSON = 'application/fhir+json; charset=utf-8'

export interface OutcomeIssue {
  readonly severity: 'error' | 'warning' | 'information'
  readonly code: string
  readonly diagnostics: string
  readonly expression?: readonly string[]
  readonly location?: readonly string[]
}

/** The JSON text of an OperationOutcome. */
export function outcomeText(...issue: readonly OutcomeIssue[]): string {
  return JSON.stringify({ resourceType: 'OperationOutcome', issue })
}

export function errorAnswer(error: unknown): Answer & { readonly body: string } {
  const known = knownError(error)
  const body = outcomeText(...issuesOf(known))
  const retry =
    known.status === 503 || known.status === 429 ? { 'Retry-After': String(known.retryAfter ?? 1) } : undefined
  const allow = known.allow === undefined ? undefined : { Allow: known.allow }
  const challenge = known.challenge === undefined ? undefined : { 'WWW-Authenticate': known.challenge }
  const link = known.first === undefined ? undefined : { Link: `<${known.first}>; rel="first"` }
  const headers = { 'Content-Type': FHIR_JSON, ...retry, ...allow, ...challenge, ...link }
  return { status: known.status, headers, body }
}

function issuesOf({ issue, message, expression, issues }: GatewayError): OutcomeIssue[] {
  const first = { code: issue, message, ...(expression !== undefined && { expression }) }
  return (issues.length > 0 ? issues : [first]).map((each) => ({
    severity: 'error',
    code: each.code,
    diagnostics: each.message,
    ...(each.expression !== undefined && { expression: [each.expression] }),
  }))
}

/** A store that does not answer is worth another try; anything else that is not ours is a defect and says nothing. */
export function knownError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  if (isTooSlow(error)) {
    const sentence = 'The answer takes longer than a request may: ask for less at once.'
    return new GatewayError('GW_TIMEOUT', sentence, { cause: error })
  }
  if (isOutage(error)) {
    return new GatewayError('GW_UNAVAILABLE', 'The database does not answer at the moment; try again.', {
      cause: error,
    })
  }
  return new GatewayError('GW_INTERNAL', 'Something went wrong inside the gateway; it has been logged.', {
    cause: error,
  })
}

/** A query that MongoDB refuses is a defect of ours, and would fail again. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return isPassing(error) || error.name === 'AbortError' || error.name === 'TimeoutError'
}

/** Is it a defect, worth a log line with the stack? */
export function isDefect(error: unknown): boolean {
  const { status, code } = knownError(error)
  return status >= 500 && code !== 'GW_BUILDING'
}
