/** Answers of our own routes under /oauth: JSON that nobody keeps (RFC 6749 §5.1, §5.2). */
import { GatewayError } from '../../kernel/errors.ts'
import type { Answer } from '../../http/answer.ts'
import { errorAnswer } from '../../http/outcome.ts'

export function oauthAnswer(status: number, content: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', Pragma: 'no-cache', ...headers },
    body: JSON.stringify(content),
  }
}

/** `error` is a word of the specification in force, the description is for developers. */
export function oauthError(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return oauthAnswer(status, { error, error_description: description }, headers)
}

export function tooMany(seconds: number): Answer {
  const description = `Too many attempts: try again in ${seconds} seconds.`
  return oauthError(429, 'temporarily_unavailable', description, { 'Retry-After': String(seconds) })
}

/** What went wrong before a route could judge it: a body that is too large, a database that does not answer. */
export function oauthFailure(error: unknown): Answer {
  const { status, headers } = errorAnswer(error)
  const description =
    error instanceof GatewayError ? error.message : 'This cannot be answered at the moment; try again.'
  const retry = headers?.['Retry-After']
  const word = status >= 500 ? 'server_error' : 'invalid_request'
  return oauthError(status, word, description, retry === undefined ? {} : { 'Retry-After': retry })
}
